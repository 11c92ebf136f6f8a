// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <clocale>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "tessera/core/error.hpp"
#include "tessera/core/json.hpp"

namespace tessera::detail {

TESSERA_COLD_INLINE std::optional<std::int64_t> Json::integer() const {
  if (kind_ != JsonKind::number || number_ == Number::real) return std::nullopt;
  if (number_ == Number::natural && bits_ > std::uint64_t{(std::numeric_limits<std::int64_t>::max)()}) return std::nullopt;
  return static_cast<std::int64_t>(bits_);
}

TESSERA_COLD_INLINE std::optional<std::uint64_t> Json::natural() const {
  if (kind_ != JsonKind::number || number_ != Number::natural) return std::nullopt;
  return bits_;
}

TESSERA_COLD_INLINE std::optional<double> Json::number() const {
  if (kind_ != JsonKind::number) return std::nullopt;
  if (number_ == Number::real) return std::bit_cast<double>(bits_);
  return number_ == Number::natural ? static_cast<double>(bits_) : static_cast<double>(static_cast<std::int64_t>(bits_));
}

TESSERA_COLD_INLINE const Json* Json::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys_.size(); ++i)
    if (keys_[i] == key) return &items_[i];
  return nullptr;
}

TESSERA_COLD_INLINE std::string Json::describe() const {
  switch (kind_) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return bits_ != 0 ? "true" : "false";
    case JsonKind::number:
      if (number_ == Number::natural) return "the number " + std::to_string(bits_);
      if (number_ == Number::negative) return "the negative number " + std::to_string(static_cast<std::int64_t>(bits_));
      return "the floating-point number " + printable(text_, 40);
    case JsonKind::text:
      return "the text " + quote(text_);
    case JsonKind::array:
      return "a list";
    case JsonKind::object:
      return "an object";
  }
  return "nothing";
}

// The length of the UTF-8 sequence at the start of the text, which is not empty; 0 if there is none.
TESSERA_COLD_INLINE std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  std::uint32_t code = first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3f);
  }
  const std::uint32_t least = length == 2 ? 0x80U : length == 3 ? 0x800U : 0x10000U;
  return code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : length;
}

TESSERA_COLD_INLINE bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

TESSERA_COLD_INLINE void append_utf8(std::string& text, std::uint32_t code) {
  const auto add = [&text](std::uint32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    add(0xe0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3f));
  } else {
    add(0xf0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3f));
    add(0x80 | (code >> 6 & 0x3f));
  }
  add(0x80 | (code & 0x3f));
}

// Reads from left to right; recursion is as deep as `levels` allows.
class JsonReader {
 public:
  JsonReader(std::string_view text, const std::string& place, const JsonOptions& options)
      : text_(text), place_(place), first_byte_(options.first_byte), most_levels_(options.levels) {}

  Json read();

 private:
  static constexpr std::size_t most_values = 2'000'000;  // about 200 MB

  bool at_end() const { return at_ == text_.size(); }
  char here() const { return at_end() ? '\0' : text_[at_]; }
  bool accept(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_spaces() {
    while (!at_end() && (here() == ' ' || here() == '\n' || here() == '\r' || here() == '\t')) ++at_;
  }
  [[noreturn]] void fail_here(const std::string& message) const;
  [[noreturn]] void expected(const char* what) const;
  void enter();
  void value(Json& out);
  void word(Json& out, std::string_view spelling, JsonKind kind, bool truth);
  void number(Json& out);
  void digits();
  void text(std::string& out);
  void escape(std::string& out);
  std::uint32_t four_digits();
  void array(Json& out);
  void object(Json& out);
  void check_names(const Json& object, const std::vector<std::size_t>& positions);

  std::string_view text_;
  const std::string& place_;
  std::size_t first_byte_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  int most_levels_, level_ = 0;
};

TESSERA_COLD_INLINE void JsonReader::fail_here(const std::string& message) const {
  fail(ErrorKind::damaged, place_ + ", byte " + std::to_string(first_byte_ + at_) + ": found " + message);
}

TESSERA_COLD_INLINE void JsonReader::expected(const char* what) const {
  const std::string found = at_end() ? std::string("the end of the text") : quote(text_.substr(at_, 12));
  fail_here("malformed JSON: " + found + ", expected " + what);
}

TESSERA_COLD_INLINE Json JsonReader::read() {
  Json root;
  skip_spaces();
  value(root);
  skip_spaces();
  if (!at_end()) expected("the end of the text");
  return root;
}

TESSERA_COLD_INLINE void JsonReader::value(Json& out) {
  if (++values_ > most_values) fail_here("more than " + std::to_string(most_values) + " values");
  switch (here()) {
    case '{':
      return object(out);
    case '[':
      return array(out);
    case '"':
      out.kind_ = JsonKind::text;
      return text(out.text_);
    case 't':
      return word(out, "true", JsonKind::boolean, true);
    case 'f':
      return word(out, "false", JsonKind::boolean, false);
    case 'n':
      return word(out, "null", JsonKind::null, false);
    default:
      return number(out);
  }
}

TESSERA_COLD_INLINE void JsonReader::word(Json& out, std::string_view spelling, JsonKind kind, bool truth) {
  if (text_.substr(at_, spelling.size()) != spelling) expected("a value");
  at_ += spelling.size();
  out.kind_ = kind;
  out.bits_ = truth ? 1 : 0;
}

TESSERA_COLD_INLINE void JsonReader::digits() {
  if (here() < '0' || here() > '9') expected("a digit");
  while (here() >= '0' && here() <= '9') ++at_;
}

TESSERA_COLD_INLINE void JsonReader::number(Json& out) {
  const std::size_t begin = at_;
  const bool negative = accept('-');
  if (here() < '0' || here() > '9') expected(negative ? "a digit" : "a value");
  if (!accept('0')) digits();
  bool whole = true;
  if (accept('.')) {
    whole = false;
    digits();
  }
  if (here() == 'e' || here() == 'E') {
    whole = false;
    ++at_;
    if (here() == '+' || here() == '-') ++at_;
    digits();
  }
  const std::string_view spelling = text_.substr(begin, at_ - begin);
  out.kind_ = JsonKind::number;

  constexpr std::uint64_t most = (std::numeric_limits<std::uint64_t>::max)(), lowest = std::uint64_t{1} << 63;
  std::uint64_t magnitude = 0;
  for (std::size_t i = negative ? 1 : 0; whole && i < spelling.size(); ++i) {
    const auto digit = static_cast<std::uint64_t>(spelling[i] - '0');
    if (magnitude > (most - digit) / 10) whole = false;
    magnitude = magnitude * 10 + digit;
  }
  if (whole && (!negative || magnitude <= lowest)) {
    out.number_ = negative && magnitude != 0 ? Json::Number::negative : Json::Number::natural;
    out.bits_ = negative ? ~magnitude + 1 : magnitude;
    return;
  }
  // strtod takes the decimal point of the program's locale.
  std::string spelt(spelling);
  if (const std::size_t point = spelt.find('.'); point != std::string::npos) {
    const std::lconv* const locale = std::localeconv();
    spelt.replace(point, 1, locale != nullptr && locale->decimal_point != nullptr ? locale->decimal_point : ".");
  }
  const double real = std::strtod(spelt.c_str(), nullptr);
  constexpr std::uint64_t exponent = 0x7ff0000000000000;
  if ((std::bit_cast<std::uint64_t>(real) & exponent) == exponent) {
    at_ = begin;
    expected("a number that a double can hold");
  }
  out.number_ = Json::Number::real;
  out.bits_ = std::bit_cast<std::uint64_t>(real);
  out.text_ = spelling.substr(0, 64);
}

TESSERA_COLD_INLINE void JsonReader::text(std::string& out) {
  ++at_;  // the quotation mark
  while (true) {
    const std::size_t begin = at_;
    while (!at_end() && here() != '"' && here() != '\\' && static_cast<unsigned char>(here()) >= 0x20) {
      const std::size_t length = utf8_length(text_.substr(at_));
      if (length == 0) expected("UTF-8");
      at_ += length;
    }
    out.append(text_.substr(begin, at_ - begin));
    if (accept('"')) return;
    if (!accept('\\')) expected(at_end() ? "'\"'" : "no control character in a text");
    escape(out);
  }
}

TESSERA_COLD_INLINE std::uint32_t JsonReader::four_digits() {
  std::uint32_t code = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = here();
    const char lower = static_cast<char>(c | 0x20);
    const bool decimal = c >= '0' && c <= '9', letter = lower >= 'a' && lower <= 'f';
    if (!decimal && !letter) expected("four hexadecimal digits");
    code = code * 16 + static_cast<std::uint32_t>(decimal ? c - '0' : lower - 'a' + 10);
    ++at_;
  }
  return code;
}

TESSERA_COLD_INLINE void JsonReader::escape(std::string& out) {
  constexpr std::string_view letters = "\"\\/bfnrt", values = "\"\\/\b\f\n\r\t";
  if (!at_end()) {
    if (const std::size_t which = letters.find(here()); which != std::string_view::npos) {
      out += values[which];
      ++at_;
      return;
    }
  }
  if (!accept('u')) expected("an escape such as \\n or \\u00e9");
  std::uint32_t code = four_digits();
  if (code >= 0xd800 && code < 0xe000) {
    if (code >= 0xdc00 || !accept('\\') || !accept('u')) expected("the other half of a surrogate pair");
    const std::uint32_t low = four_digits();
    if (low < 0xdc00 || low >= 0xe000) expected("the other half of a surrogate pair");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  append_utf8(out, code);
}

TESSERA_COLD_INLINE void JsonReader::enter() {
  ++at_;  // the bracket
  if (++level_ > most_levels_) fail_here("JSON of more than " + std::to_string(most_levels_) + " levels");
}

TESSERA_COLD_INLINE void JsonReader::array(Json& out) {
  out.kind_ = JsonKind::array;
  enter();
  skip_spaces();
  while (!accept(']')) {
    if (!out.items_.empty()) {
      if (!accept(',')) expected("',' or ']'");
      skip_spaces();
    }
    value(out.items_.emplace_back());
    skip_spaces();
  }
  --level_;
}

TESSERA_COLD_INLINE void JsonReader::object(Json& out) {
  out.kind_ = JsonKind::object;
  enter();
  std::vector<std::size_t> positions;
  skip_spaces();
  while (!accept('}')) {
    if (!out.items_.empty()) {
      if (!accept(',')) expected("',' or '}'");
      skip_spaces();
    }
    if (here() != '"') expected("a name in '\"'");
    positions.push_back(at_);
    text(out.keys_.emplace_back());
    skip_spaces();
    if (!accept(':')) expected("':'");
    skip_spaces();
    value(out.items_.emplace_back());
    skip_spaces();
  }
  --level_;
  check_names(out, positions);
}

// By name, and equal ones in the order of the text.
inline int compare_texts(const void* a, const void* b) {
  const std::string* const x = *static_cast<const std::string* const*>(a);
  const std::string* const y = *static_cast<const std::string* const*>(b);
  const int order = x->compare(*y);
  return order != 0 ? order : x < y ? -1 : x > y ? 1 : 0;
}

TESSERA_COLD_INLINE void JsonReader::check_names(const Json& object, const std::vector<std::size_t>& positions) {
  if (object.keys_.size() < 2) return;
  std::vector<const std::string*> order;
  for (const std::string& key : object.keys_) order.push_back(&key);
  std::qsort(order.data(), order.size(), sizeof order[0], compare_texts);
  for (std::size_t i = 1; i < order.size(); ++i)
    if (*order[i] == *order[i - 1]) {
      at_ = positions[static_cast<std::size_t>(order[i] - object.keys_.data())];
      fail_here(quote(*order[i]) + " twice, expected each name once");
    }
}

TESSERA_COLD_INLINE Json parse_json(std::string_view text, const std::string& place, const JsonOptions& options) {
  return JsonReader(text, place, options).read();
}

TESSERA_COLD_INLINE std::string quote_json(std::string_view text) {
  if (!is_utf8(text)) fail("found the text " + quote(text) + ", which is not UTF-8 and cannot be written as JSON");
  constexpr std::string_view hex = "0123456789abcdef", special = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (const std::size_t which = special.find(c); which != std::string_view::npos) {
      quoted += '\\';
      quoted += letters[which];
    } else if (byte < 0x20) {
      quoted += "\\u00";
      quoted += hex[byte >> 4];
      quoted += hex[byte & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace tessera::detail
