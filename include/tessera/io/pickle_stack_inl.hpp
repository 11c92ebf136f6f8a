// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "tessera/core/error.hpp"
#include "tessera/io/pickle_stack.hpp"

namespace tessera::detail {

TESSERA_COLD_INLINE PickleStack::PickleStack(std::span<const std::byte> bytes, std::string place)
    : bytes_(bytes.first(std::min(bytes.size(), longest_pickle))), place_(std::move(place)) {}

TESSERA_COLD_INLINE void PickleStack::bad(const std::string& message) const {
  fail(ErrorKind::damaged, place_, ", pickle byte ", opcode_, ": ", message);
}

TESSERA_COLD_INLINE std::string_view PickleStack::take(std::uint64_t size) {
  const std::size_t left = bytes_.size() - position_;
  if (size > left) bad(concat("found ", left, " more bytes, expected ", size));
  const char* const begin = reinterpret_cast<const char*>(bytes_.data()) + position_;
  position_ += static_cast<std::size_t>(size);
  return {begin, static_cast<std::size_t>(size)};
}

TESSERA_COLD_INLINE std::uint8_t PickleStack::next_opcode() {
  opcode_ = position_;
  return static_cast<std::uint8_t>(take(1)[0]);
}

TESSERA_COLD_INLINE std::string_view PickleStack::take_line() {
  const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + position_, bytes_.size() - position_);
  const std::size_t end = rest.substr(0, longest_line).find('\n');
  if (end == std::string_view::npos) bad("found no end of a line, such as a module's or class's name");
  return take(end + 1).substr(0, end);
}

TESSERA_COLD_INLINE std::uint64_t PickleStack::take_number(std::size_t bytes) {
  std::uint64_t number = 0;
  const std::string_view text = take(bytes);
  for (std::size_t i = bytes; i-- > 0;) number = number << 8 | static_cast<unsigned char>(text[i]);
  return number;
}

TESSERA_COLD_INLINE PickleRef PickleStack::make(PickleValue value) {
  if (values_.size() == most_values) bad(concat("found more than ", most_values, " values"));
  values_.push_back(std::move(value));
  return static_cast<PickleRef>(values_.size() - 1);
}

TESSERA_COLD_INLINE void PickleStack::push(PickleValue value) { stack_.push_back(make(std::move(value))); }

TESSERA_COLD_INLINE std::vector<PickleRef> PickleStack::pop_last(std::size_t count) {
  if (available() < count) bad(concat("found ", available(), " values on the stack, expected ", count));
  const auto first = stack_.end() - static_cast<std::ptrdiff_t>(count);
  std::vector<PickleRef> popped(first, stack_.end());
  stack_.erase(first, stack_.end());
  return popped;
}

TESSERA_COLD_INLINE std::vector<PickleRef> PickleStack::pop_marked() {
  if (marks_.empty()) bad("found no mark on the stack");
  std::vector<PickleRef> popped = pop_last(available());
  marks_.pop_back();
  return popped;
}

TESSERA_COLD_INLINE PickleRef PickleStack::top() const {
  if (available() == 0) bad("found no value on the stack, expected one");
  return stack_.back();
}

TESSERA_COLD_INLINE void PickleStack::expect(const PickleValue& value, PickleKind kind, const char* what) const {
  if (value.kind != kind) bad(concat("found ", name_of(value.kind), " as ", what, ", expected ", name_of(kind)));
}

TESSERA_COLD_INLINE PickleRef PickleStack::pop(PickleKind kind) {
  const PickleRef ref = pop();
  expect(values_[ref], kind, "an argument");
  return ref;
}

// Picklers number their entries in order, from 0 or (cPickle of Python 2) from 1.
TESSERA_COLD_INLINE void PickleStack::memorise(std::uint64_t index) {
  if (index > memo_.size() + 1) bad(concat("found memo ", index, ", expected at most ", memo_.size(), ", the next in order"));
  if (index >= memo_.size()) memo_.resize(static_cast<std::size_t>(index) + 1, unset);
  PickleRef& entry = memo_[static_cast<std::size_t>(index)];
  if (entry == unset) ++memorised_;
  entry = top();
}

TESSERA_COLD_INLINE void PickleStack::recall(std::uint64_t index) {
  if (index >= memo_.size()) bad(concat("found memo ", index, ", expected less than ", memo_.size()));
  const PickleRef entry = memo_[static_cast<std::size_t>(index)];
  if (entry == unset) bad(concat("found memo ", index, ", which holds nothing"));
  stack_.push_back(entry);
}

TESSERA_COLD_INLINE void PickleStack::push_long(std::string_view digits) {
  if (digits.size() > 8) return push({PickleKind::opaque});
  std::uint64_t number = !digits.empty() && (digits.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = digits.size(); i-- > 0;) number = number << 8 | static_cast<unsigned char>(digits[i]);
  push({PickleKind::integer, static_cast<std::int64_t>(number)});
}

TESSERA_COLD_INLINE void PickleStack::push_decimal(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos)
    bad("found " + quote(digits) + ", expected decimal digits");
  if (digits.size() > 18) return push({PickleKind::opaque});
  std::int64_t number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  push({PickleKind::integer, negative ? -number : number});
}

TESSERA_COLD_INLINE void PickleStack::extend(PickleKind kind, const std::vector<PickleRef>& items) {
  PickleValue& target = values_[top()];
  if (kind == PickleKind::dict && items.size() % 2 != 0) bad("found a key without a value");
  if (target.kind == PickleKind::opaque && kind != PickleKind::dict) return;
  if (target.kind != PickleKind::opaque) expect(target, kind, "what is added to");
  target.items.insert(target.items.end(), items.begin(), items.end());
}

TESSERA_COLD_INLINE PickleRef PickleStack::finish() const {
  if (!marks_.empty() || stack_.size() != 1)
    bad(concat("found ", stack_.size(), " values and ", marks_.size(), " marks at the end, expected one value"));
  return stack_[0];
}

TESSERA_COLD_INLINE const PickleValue& PickleStack::item(const PickleValue& tuple, std::size_t i, PickleKind kind, const char* what) const {
  const PickleValue& found = values_[tuple.items[i]];
  expect(found, kind, what);
  return found;
}

TESSERA_COLD_INLINE Extents PickleStack::integers(const PickleValue& tuple, const char* what) const {
  if (tuple.items.size() > max_rank) bad(concat("found ", tuple.items.size(), " numbers as ", what, ", expected at most ", max_rank));
  Extents result;
  for (std::size_t i = 0; i < tuple.items.size(); ++i) result.push_back(item(tuple, i, PickleKind::integer, what).number);
  return result;
}

}  // namespace tessera::detail
