// SPDX-License-Identifier: MIT
#pragma once

// Reads the pickles (protocol 2) that torch.save writes, without a Python: a stack machine that knows the opcodes and globals of
// state dicts and refuses all others. It builds values and runs nothing.
//
// A pickle is a program for the machine in pickle_stack.hpp. Every opcode checks the kinds of the values that it takes.
// Opcodes: CPython, Lib/pickletools.py.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/io/pickle_stack.hpp"
#include "tessera/io/pickle_value.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera::detail {

class Pickle : private PickleStack {
 public:
  // Reads one pickle from the start of `bytes`; `place` begins its error messages.
  Pickle(std::span<const std::byte> bytes, std::string place) : PickleStack(bytes, std::move(place)) { run(); }

  const PickleValue& root() const { return value(root_); }
  using PickleStack::value;
  const std::vector<PickledStorage>& storages() const { return storages_; }
  const std::vector<PickledTensor>& tensors() const { return tensors_; }
  std::size_t size() const { return position(); }

  // The value under a key of a dict, or nullptr. The last of several, as in Python.
  const PickleValue* find(const PickleValue& dict, std::string_view key) const {
    for (std::size_t i = dict.items.size(); i > 0; i -= 2)
      if (const PickleValue& k = value(dict.items[i - 2]); k.kind == PickleKind::text && k.text == key) return &value(dict.items[i - 1]);
    return nullptr;
  }

 private:
  // Opcodes with their names in CPython.
  void run() {
    if (read<std::uint8_t>() != 0x80) bad("found no protocol, expected a pickle");
    if (const int protocol = read<std::uint8_t>(); protocol != 2)
      bad("found protocol ", protocol, ", expected 2 (torch.save's own choice)");
    while (true) {
      const std::uint8_t code = next_opcode();
      // clang-format off
      switch (code) {
        case 'N':  push({}); break;                                                              // NONE
        case 0x88: push({PickleKind::boolean, 1}); break;                                        // NEWTRUE
        case 0x89: push({PickleKind::boolean, 0}); break;                                        // NEWFALSE
        case 'K':  push({PickleKind::integer, read<std::uint8_t>()}); break;                     // BININT1
        case 'M':  push({PickleKind::integer, read<std::uint16_t>()}); break;                    // BININT2
        case 'J':  push({PickleKind::integer, read<std::int32_t>()}); break;                     // BININT
        case 0x8a: push_long(take(read<std::uint8_t>())); break;                                 // LONG1
        case 'G':  take(8), push({PickleKind::opaque}); break;                                   // BINFLOAT
        case 'X':  push({PickleKind::text, 0, std::string(take(read<std::uint32_t>()))}); break; // BINUNICODE
        case 'c':  push_global(); break;                                                         // GLOBAL
        case '}':  push({PickleKind::dict}); break;                                              // EMPTY_DICT
        case ']':  push({PickleKind::list}); break;                                              // EMPTY_LIST
        case ')':  push({PickleKind::tuple}); break;                                             // EMPTY_TUPLE
        case '(':  mark(); break;                                                                // MARK
        case 't':  push({PickleKind::tuple, 0, {}, pop_marked()}); break;                        // TUPLE
        case 0x85: push({PickleKind::tuple, 0, {}, pop_last(1)}); break;                         // TUPLE1
        case 0x86: push({PickleKind::tuple, 0, {}, pop_last(2)}); break;                         // TUPLE2
        case 0x87: push({PickleKind::tuple, 0, {}, pop_last(3)}); break;                         // TUPLE3
        case 'a':  extend(PickleKind::list, pop_last(1)); break;                                 // APPEND
        case 'e':  extend(PickleKind::list, pop_marked()); break;                                // APPENDS
        case 's':  extend(PickleKind::dict, pop_last(2)); break;                                 // SETITEM
        case 'u':  extend(PickleKind::dict, pop_marked()); break;                                // SETITEMS
        case 'q':  memorise(read<std::uint8_t>()); break;                                        // BINPUT
        case 'r':  memorise(read<std::uint32_t>()); break;                                       // LONG_BINPUT
        case 'h':  recall(read<std::uint8_t>()); break;                                          // BINGET
        case 'j':  recall(read<std::uint32_t>()); break;                                         // LONG_BINGET
        case 'Q':  push_storage(pop(PickleKind::tuple)); break;                                  // BINPERSID
        case 'R':  call(false); break;                                                           // REDUCE
        case 0x81: call(true); break;                                                            // NEWOBJ
        case 'b':  build(); break;                                                               // BUILD
        case '.':  root_ = finish(); return;                                                     // STOP
        default:   bad("found opcode ", int{code}, ", which no state dict needs");
      }
      // clang-format on
    }
  }

  void push_global() {
    const std::string_view module = take_line(), name = take_line();
    const auto known = find_pickle_global(module, name);
    if (!known)
      bad("found the global ", quote(std::string(module) + '.' + std::string(name)), ", which is not among those that state dicts need");
    push({PickleKind::global, static_cast<std::int64_t>(*known)});
  }
  const PickleGlobal& global(const PickleValue& value) const { return pickle_globals[static_cast<std::size_t>(value.number)]; }

  // Attributes of an object: of an OrderedDict they are the versions of modules, which nobody needs.
  void build() {
    pop_last(1);
    const PickleValue& target = value(top());
    if (target.kind != PickleKind::opaque) expect(target, PickleKind::dict, "the object that gets attributes");
  }

  // ("storage", type, key, device, count); legacy files add a view of another storage, None since PyTorch 0.4.
  void push_storage(PickleRef ref) {
    const PickleValue& id = value(ref);
    if (id.items.size() != 5 && id.items.size() != 6) bad("found a storage described by ", id.items.size(), " values, expected 5");
    if (item(id, 0, PickleKind::text, "the kind of a storage").text != "storage") bad("found a persistent object that is no storage");
    const PickleGlobal& type = global(item(id, 1, PickleKind::global, "a storage's type"));
    if (type.role != PickleRole::storage_type) bad("found ", type.name, " as a storage's type");
    const std::string& key = item(id, 2, PickleKind::text, "a storage's key").text;
    item(id, 3, PickleKind::text, "a storage's device");
    const std::int64_t count = item(id, 4, PickleKind::integer, "a storage's size").number;
    if (id.items.size() == 6) item(id, 5, PickleKind::none, "a storage's view");
    if (!checked_product(count, static_cast<std::int64_t>(size_of(type.dtype)))) bad("found ", count, " elements in storage ", quote(key));

    const auto [known, fresh] = by_key_.emplace(key, storages_.size());
    if (fresh) {
      storages_.push_back({type.dtype, key, count});
    } else if (const PickledStorage& first = storages_[known->second]; first.dtype != type.dtype || first.count != count) {
      bad("found storage ", quote(key), " as ", count, ' ', type.dtype, ", expected ", first.count, ' ', first.dtype, " as before");
    }
    push({PickleKind::storage, static_cast<std::int64_t>(known->second)});
  }

  // REDUCE calls a function or class with a tuple of arguments; NEWOBJ makes an object of a class.
  void call(bool new_object) {
    const PickleRef arguments_ref = pop(PickleKind::tuple);
    const PickleGlobal& callee = global(value(pop(PickleKind::global)));
    const PickleValue& arguments = value(arguments_ref);
    const std::size_t count = arguments.items.size();
    const auto expect_count = [&](std::size_t least, std::size_t most) {
      if (count < least || count > most) bad("found ", callee.name, " with ", count, " arguments, expected ", least);
    };
    if (new_object && callee.role != PickleRole::opaque) bad("found an object of ", callee.name, ", which has none");
    switch (callee.role) {
      case PickleRole::storage_type:
        bad("found a call of ", callee.name);
      case PickleRole::ordered_dict:
        expect_count(0, 0);
        return push({PickleKind::dict});
      case PickleRole::rebuild_tensor:
        expect_count(4, 4);
        return push_tensor(arguments);
      case PickleRole::rebuild_tensor_v2:
        expect_count(6, 7);
        return push_tensor(arguments);
      case PickleRole::rebuild_parameter:
        expect_count(3, 3);
        item(arguments, 0, PickleKind::tensor, "a parameter's data");
        return push_again(arguments.items[0]);
      case PickleRole::opaque:
        return push({PickleKind::opaque});
    }
  }

  void push_tensor(const PickleValue& arguments) {
    const auto storage = static_cast<std::size_t>(item(arguments, 0, PickleKind::storage, "a tensor's storage").number);
    PickledTensor tensor{storage, item(arguments, 1, PickleKind::integer, "a tensor's offset").number,
                         integers(item(arguments, 2, PickleKind::tuple, "a tensor's size"), "a tensor's size"),
                         integers(item(arguments, 3, PickleKind::tuple, "a tensor's stride"), "a tensor's stride")};
    if (tensor.extents.size() != tensor.strides.size())
      bad("found a tensor of ", tensor.extents.size(), " axes with ", tensor.strides.size(), " strides");
    const std::int64_t count = storages_[storage].count;
    if (!within(tensor, count))
      bad("found a tensor ", print_extents(tensor.extents), " with strides ", print_extents(tensor.strides), " from element ",
          tensor.offset, ", which is not within the ", count, " elements of storage ", quote(storages_[storage].key));
    tensors_.push_back(std::move(tensor));
    push({PickleKind::tensor, static_cast<std::int64_t>(tensors_.size() - 1)});
  }
  // Whether all elements are in a storage of `count`. Sums stay below 2·count, so they do not overflow.
  static bool within(const PickledTensor& tensor, std::int64_t count) {
    const auto size = checked_bytes(tensor.extents, DType::f64);
    if (!size || tensor.offset < 0 || tensor.offset > count) return false;
    if (*size == 0) return true;
    std::int64_t last = tensor.offset;
    for (std::size_t axis = 0; axis < tensor.extents.size(); ++axis) {
      const auto reach = checked_product(tensor.extents[axis] - 1, tensor.strides[axis]);
      if (!reach || *reach > count - last) return false;
      last += *reach;
    }
    return last < count;
  }

  std::vector<PickledStorage> storages_;
  std::vector<PickledTensor> tensors_;
  std::map<std::string, std::size_t> by_key_;
  PickleRef root_ = 0;
};

}  // namespace tessera::detail
