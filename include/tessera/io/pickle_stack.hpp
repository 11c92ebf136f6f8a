// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/io/pickle_value.hpp"

namespace tessera::detail {

// The largest pickle that is read, without the numbers of the tensors. A training checkpoint of 400 tensors has 200 kB, 10,000 values.
inline constexpr std::size_t longest_pickle = std::size_t{32} << 20;

// The stack machine that runs a pickle: it reads the program's bytes, keeps its values, and refuses what does not fit. Opcodes push
// values, or take values off the stack and push what they make of them; the memo holds values that are used again. What the opcodes mean
// is in pickle.hpp. Nothing here recurses, and no size is taken from the file before it is compared with what the file can hold. Texts
// point into the pickle's bytes. Errors begin with `place` and name the byte of the opcode.
class PickleStack {
 public:
  PickleStack(std::span<const std::byte> bytes, std::string place);

  const PickleValue& value(PickleRef ref) const { return values_[ref]; }
  std::size_t position() const { return position_; }
  std::size_t bytes_left() const { return bytes_.size() - position_; }
  [[noreturn]] void bad(const std::string& message) const;

  // Reading the program.
  std::uint8_t next_opcode();
  std::string_view take(std::uint64_t size);
  // To the end of the line, without it.
  std::string_view take_line();
  // A little-endian number of `bytes` bytes, at most 8.
  std::uint64_t take_number(std::size_t bytes);

  // Values.
  PickleRef make(PickleValue value);
  void push(PickleValue value);
  // Puts a value on the stack that is there already.
  void push_again(PickleRef ref) { stack_.push_back(ref); }
  void mark() { marks_.push_back(stack_.size()); }
  // Values above the last mark; those below belong to somebody else.
  std::size_t available() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }
  std::vector<PickleRef> pop_last(std::size_t count);
  std::vector<PickleRef> pop_marked();
  PickleRef pop() { return pop_last(1)[0]; }
  PickleRef top() const;
  PickleRef pop(PickleKind kind);
  void expect(const PickleValue& value, PickleKind kind, const char* what) const;
  void memorise(std::uint64_t index);
  void memorise() { memorise(memorised_); }
  void recall(std::uint64_t index);
  // Little-endian two's complement of any length. Numbers over 64 bits are in no state dict and are not kept.
  void push_long(std::string_view digits);
  // Decimal digits with an optional sign.
  void push_decimal(std::string_view digits);
  // Adds to the list or dict on the top of the stack. What is added to an opaque object as to a dict stays visible in its items.
  void extend(PickleKind kind, const std::vector<PickleRef>& items);
  // The value that the whole pickle is.
  PickleRef finish() const;
  std::size_t value_count() const { return values_.size(); }

  const PickleValue& item(const PickleValue& tuple, std::size_t i, PickleKind kind, const char* what) const;
  Extents integers(const PickleValue& tuple, const char* what) const;

 private:
  static constexpr std::size_t longest_line = 256;
  static constexpr std::size_t most_values = 2'000'000;  // about 200 MB
  static constexpr PickleRef unset = ~PickleRef{0};

  std::span<const std::byte> bytes_;
  std::string place_;
  std::size_t position_ = 0;
  std::size_t opcode_ = 0;  // where the current opcode is
  std::vector<PickleValue> values_;
  std::vector<PickleRef> stack_;
  std::vector<std::size_t> marks_;
  std::vector<PickleRef> memo_;
  std::size_t memorised_ = 0;  // entries of the memo that are set
};

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/io/pickle_stack_inl.hpp"
#endif
