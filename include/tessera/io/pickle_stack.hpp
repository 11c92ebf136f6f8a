// SPDX-License-Identifier: MIT
#pragma once

// The stack machine that runs a pickle: it reads the program's bytes, keeps its values, and refuses what does not fit.
//
// Opcodes push values, or take values off the stack and push what they make of them; `memo` holds values that are used again.
// Nothing here recurses, and no size is taken from the file before it is compared with what the file can hold. What the opcodes
// mean is in pickle.hpp.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/io/pickle_value.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera::detail {

// The largest that is read, without the numbers of the tensors. A training checkpoint of 400 tensors has 200 kB and 10,000 values.
inline constexpr std::size_t longest_pickle = std::size_t{32} << 20;

class PickleStack {
 public:
  PickleStack(std::span<const std::byte> bytes, std::string place)
      : bytes_(bytes.first(std::min(bytes.size(), longest_pickle))), place_(std::move(place)) {}

  const PickleValue& value(PickleRef ref) const { return values_[ref]; }
  std::size_t position() const { return position_; }

  std::uint8_t next_opcode() {
    opcode_ = position_;
    return read<std::uint8_t>();
  }
  template <class... Parts>
  [[noreturn]] void bad(const Parts&... parts) const {
    fail(place_, ", pickle byte ", opcode_, ": ", parts...);
  }

  std::string_view take(std::size_t size) {
    if (size > bytes_.size() - position_) bad("found ", bytes_.size() - position_, " more bytes, expected ", size);
    const char* const begin = reinterpret_cast<const char*>(bytes_.data()) + position_;
    position_ += size;
    return {begin, size};
  }
  template <class T>
  T read() {
    return load<T>(reinterpret_cast<const std::byte*>(take(sizeof(T)).data()));
  }
  std::string_view take_line() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + position_, bytes_.size() - position_);
    const std::size_t end = rest.substr(0, longest_global).find('\n');
    if (end == std::string_view::npos) bad("found no end of a module's or class's name");
    return take(end + 1).substr(0, end);
  }

  void push(PickleValue value) {
    if (values_.size() == most_values) bad("found more than ", most_values, " values");
    stack_.push_back(static_cast<PickleRef>(values_.size()));
    values_.push_back(std::move(value));
  }
  // Values above the last mark; those below belong to somebody else.
  std::size_t available() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }
  std::vector<PickleRef> pop_last(std::size_t count) {
    if (available() < count) bad("found ", available(), " values on the stack, expected ", count);
    const auto first = stack_.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<PickleRef> popped(first, stack_.end());
    stack_.erase(first, stack_.end());
    return popped;
  }
  std::vector<PickleRef> pop_marked() {
    if (marks_.empty()) bad("found no mark on the stack");
    std::vector<PickleRef> popped = pop_last(available());
    marks_.pop_back();
    return popped;
  }
  PickleRef top() const {
    if (available() == 0) bad("found no value on the stack, expected one");
    return stack_.back();
  }
  void expect(const PickleValue& value, PickleKind kind, const char* what) const {
    if (value.kind != kind) bad("found ", name_of(value.kind), " as ", what, ", expected ", name_of(kind));
  }
  PickleRef pop(PickleKind kind) {
    const PickleRef ref = pop_last(1)[0];
    expect(values_[ref], kind, "an argument");
    return ref;
  }

  void memorise(std::size_t index) {
    if (index > memo_.size()) bad("found memo ", index, ", expected at most ", memo_.size(), ", the next in order");
    if (index == memo_.size()) memo_.push_back(0);
    memo_[index] = top();
  }
  void recall(std::size_t index) {
    if (index >= memo_.size()) bad("found memo ", index, ", expected less than ", memo_.size());
    stack_.push_back(memo_[index]);
  }

  // Little-endian two's complement of any length; numbers over 64 bits occur in no state dict and are not kept.
  void push_long(std::string_view digits) {
    if (digits.size() > 8) return push({PickleKind::opaque});
    std::uint64_t number = !digits.empty() && (digits.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = digits.size(); i-- > 0;) number = number << 8 | static_cast<unsigned char>(digits[i]);
    push({PickleKind::integer, static_cast<std::int64_t>(number)});
  }
  void extend(PickleKind kind, const std::vector<PickleRef>& items) {
    PickleValue& target = values_[top()];
    if (target.kind == PickleKind::opaque) return;
    expect(target, kind, "what is added to");
    if (kind == PickleKind::dict && items.size() % 2 != 0) bad("found a key without a value");
    target.items.insert(target.items.end(), items.begin(), items.end());
  }
  void mark() { marks_.push_back(stack_.size()); }
  // Takes a value that is there already.
  void push_again(PickleRef ref) { stack_.push_back(ref); }
  // The value that the whole pickle is.
  PickleRef finish() const {
    if (!marks_.empty() || stack_.size() != 1)
      bad("found ", stack_.size(), " values and ", marks_.size(), " marks at the end, expected one value");
    return stack_[0];
  }
  const PickleValue& item(const PickleValue& tuple, std::size_t i, PickleKind kind, const char* what) const {
    const PickleValue& found = values_[tuple.items[i]];
    expect(found, kind, what);
    return found;
  }
  Extents integers(const PickleValue& tuple, const char* what) const {
    if (tuple.items.size() > max_rank) bad("found ", tuple.items.size(), " numbers as ", what, ", expected at most ", max_rank);
    Extents result;
    for (std::size_t i = 0; i < tuple.items.size(); ++i) result.push_back(item(tuple, i, PickleKind::integer, what).number);
    return result;
  }

 private:
  static constexpr std::size_t longest_global = 256;
  static constexpr std::size_t most_values = 2'000'000;  // about 200 MB

  std::span<const std::byte> bytes_;
  std::string place_;
  std::size_t position_ = 0;
  std::size_t opcode_ = 0;  // where the current opcode is
  std::vector<PickleValue> values_;
  std::vector<PickleRef> stack_;
  std::vector<std::size_t> marks_;
  std::vector<PickleRef> memo_;
};

}  // namespace tessera::detail
