// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"

// A small, strict reader of JSON (RFC 8259) for headers, metadata and label files, and the quoting that a writer needs.

namespace tessera::detail {

enum class JsonKind : std::uint8_t { null, boolean, number, text, array, object };

// One JSON value. An accessor for another kind than the value has gives nothing: no number, an empty text, no items.
class Json {
 public:
  JsonKind kind() const { return kind_; }
  bool is_text() const { return kind_ == JsonKind::text; }
  bool is_array() const { return kind_ == JsonKind::array; }
  bool is_object() const { return kind_ == JsonKind::object; }

  // True only for `true`.
  bool boolean() const { return kind_ == JsonKind::boolean && bits_ != 0; }
  // A number that is written without a fraction and without an exponent, if it fits; exact.
  std::optional<std::int64_t> integer() const;
  std::optional<std::uint64_t> natural() const;
  // Any number, rounded to the nearest double.
  std::optional<double> number() const;
  const std::string& text() const { return text_; }

  // The elements of an array, or the values of an object in the order of the text.
  const std::vector<Json>& items() const { return items_; }
  // The names of an object's values, in the same order. Each is there once.
  const std::vector<std::string>& keys() const { return keys_; }
  // The value of that name, or null where there is none (and where this is no object).
  const Json* find(std::string_view key) const;

  // For messages: `null`, `true`, `the number 3`, `the text "a"`, `a list`, `an object`.
  std::string describe() const;

 private:
  friend class JsonReader;
  enum class Number : std::uint8_t { natural, negative, real };

  JsonKind kind_ = JsonKind::null;
  Number number_ = Number::natural;
  std::uint64_t bits_ = 0;  // the number in its form, or the truth of a boolean
  std::string text_;
  std::vector<Json> items_;
  std::vector<std::string> keys_;
};

struct JsonOptions {
  std::size_t first_byte = 0;  // where the text begins in its file: added to the positions in messages
  int levels = 64;             // how deep arrays and objects may lie in each other
};

// Reads one JSON text. Throws an Error that begins with `place` and says at which byte (from 0) what was found and what was expected.
// Refused besides wrong syntax: text that is not UTF-8, half a surrogate pair, a name twice in one object, a number beyond the range of
// double, more levels than allowed, more than 2,000,000 values.
Json parse_json(std::string_view text, const std::string& place, const JsonOptions& options = {});

// The text in quotation marks, as JSON writes it. Throws an Error if it is not UTF-8.
std::string quote_json(std::string_view text);

// Whether the text is UTF-8: shortest forms only, no surrogates.
bool is_utf8(std::string_view text);

// Appends the character of that number, at most 0x10FFFF, in UTF-8.
void append_utf8(std::string& text, std::uint32_t code);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/core/json_inl.hpp"
#endif
