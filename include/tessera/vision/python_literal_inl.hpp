// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/core/json.hpp"
#include "tessera/vision/python_literal.hpp"

namespace tessera::detail {

class PythonLiteral {
 public:
  PythonLiteral(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  std::string json() {
    while (at_ < text_.size()) token();
    finish_string();
    return std::move(out_);
  }

 private:
  // An open bracket: where it stands in the JSON, and whether a comma followed at its own level.
  struct Bracket {
    std::size_t at;
    bool round, comma;
  };

  [[noreturn]] void refuse(std::size_t at) const {
    fail(ErrorKind::wrong_file_type, name_, ", byte ", at, ": found ", quote(text_.substr(at, 20)),
         ", expected a Python list or dict of strings and numbers");
  }

  void token();
  void close(char bracket);
  void string(bool raw);
  void finish_string();
  std::uint32_t hexadecimal(std::size_t digits);

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  std::string out_;
  std::vector<Bracket> open_;
  std::size_t number_ = 0;     // where the last number begins in the JSON
  bool after_number_ = false;  // the last token was a number, which a colon makes a key
  std::string string_;         // strings that follow each other are one, which is not in the JSON yet
  bool after_string_ = false;  // the last token was a string
};

TESSERA_COLD_INLINE void PythonLiteral::token() {
  constexpr std::string_view number_characters = "0123456789+-.eE_";
  const std::size_t begin = at_;
  const char c = text_[at_++];
  if (std::string_view(" \t\r\n").find(c) != std::string_view::npos) return;
  if (c == '#') {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    return;
  }
  const bool prefixed = (c == 'u' || c == 'U' || c == 'r' || c == 'R') && at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"');
  if (prefixed) ++at_;
  if (prefixed || c == '\'' || c == '"') return string(c == 'r' || c == 'R');

  finish_string();
  const bool after_number = after_number_;
  after_number_ = false;
  if (c == '[' || c == '{' || c == '(') {
    if (open_.size() == 64) refuse(begin);
    open_.push_back({out_.size(), c == '(', false});
    out_ += c == '(' ? '[' : c;
  } else if (c == ']' || c == '}' || c == ')') {
    close(c);
  } else if (c == ',') {
    if (open_.empty()) refuse(begin);
    open_.back().comma = true;
    out_ += ',';
  } else if (c == ':') {
    if (after_number) {
      out_.insert(number_, 1, '"');
      out_ += '"';
    }
    out_ += ':';
  } else if (number_characters.substr(0, 13).find(c) != std::string_view::npos) {
    number_ = out_.size();
    after_number_ = true;
    out_ += c;
    for (; at_ < text_.size() && number_characters.find(text_[at_]) != std::string_view::npos; ++at_)
      if (text_[at_] != '_') out_ += text_[at_];
  } else {
    const std::string_view rest = text_.substr(begin);
    const std::string_view word = rest.starts_with("True")    ? "true"
                                  : rest.starts_with("False") ? "false"
                                  : rest.starts_with("None")  ? "null"
                                                              : "";
    if (word.empty()) refuse(begin);
    at_ = begin + word.size();
    out_ += word;
  }
}

TESSERA_COLD_INLINE void PythonLiteral::close(char bracket) {
  if (open_.empty()) refuse(at_ - 1);
  const Bracket opened = open_.back();
  open_.pop_back();
  if (!out_.empty() && out_.back() == ',') out_.pop_back();
  if (bracket != ')' || !opened.round) {
    out_ += bracket == ')' ? ']' : bracket;
  } else if (opened.comma || out_.size() == opened.at + 1) {
    out_ += ']';
  } else {  // round brackets around one value
    out_.erase(opened.at, 1);
  }
}

TESSERA_COLD_INLINE void PythonLiteral::string(bool raw) {
  const std::size_t begin = at_ - 1;
  const char quotation_mark = text_[begin];
  while (true) {
    if (at_ >= text_.size() || text_[at_] == '\n') refuse(begin);
    const char c = text_[at_++];
    if (c == quotation_mark) break;
    if (c != '\\' || raw) {
      string_ += c;
      continue;
    }
    const char escaped = at_ < text_.size() ? text_[at_++] : '\0';
    constexpr std::string_view names = "\\'\"nrtabfv", characters = "\\'\"\n\r\t\a\b\f\v";
    if (const std::size_t i = names.find(escaped); i != names.npos) {
      string_ += characters[i];
    } else if (escaped == 'x' || escaped == 'u' || escaped == 'U') {
      append_utf8(string_, hexadecimal(escaped == 'x' ? 2 : escaped == 'u' ? 4 : 8));
    } else {
      refuse(at_ - 1);
    }
  }
  after_string_ = true;
  after_number_ = false;
}

TESSERA_COLD_INLINE void PythonLiteral::finish_string() {
  if (!after_string_) return;
  if (!is_utf8(string_)) refuse(at_ - 1);
  out_ += quote_json(string_);
  string_.clear();
  after_string_ = false;
}

TESSERA_COLD_INLINE std::uint32_t PythonLiteral::hexadecimal(std::size_t digits) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < digits; ++i, ++at_) {
    const std::size_t digit = at_ < text_.size() ? std::string_view("0123456789abcdef0123456789ABCDEF").find(text_[at_]) : text_.npos;
    if (digit == text_.npos) refuse(at_);
    value = value << 4 | static_cast<std::uint32_t>(digit % 16);
  }
  if (value > 0x10FFFF) refuse(at_ - digits);
  return value;
}

TESSERA_COLD_INLINE std::string python_literal_to_json(std::string_view text, const std::string& name) {
  return PythonLiteral(text, name).json();
}

}  // namespace tessera::detail
