// SPDX-License-Identifier: MIT
#pragma once

// Text output of which nothing is lost in silence: what cannot be written is an error, a pipe whose reader has gone ends the program.

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/core/json.hpp"

class Output {
 public:
  // The standard output.
  Output() : file_(stdout), name_("standard output") {}
  // A file. mode as of fopen: "w" or "a".
  Output(const std::string& path, const char* mode) : file_(std::fopen(path.c_str(), mode)), name_(path) {
    if (file_ == nullptr) fail();
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  }

  // Writes the text and sends it on its way, so that a killed program leaves whole lines.
  void write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size() || std::fflush(file_) != 0) fail();
  }
  // The last word: a full disk may show only now.
  void close() {
    std::FILE* const file = std::exchange(file_, nullptr);
    if (std::fclose(file) != 0) fail();
  }

 private:
  [[noreturn]] void fail() {
    if (errno == EPIPE) std::_Exit(128 + SIGPIPE);  // as if the signal had not been ignored
    throw tessera::Error(name_ + ": cannot be written: " + std::strerror(errno));
  }

  std::FILE* file_;
  std::string name_;
};

// printf into a text.
template <class... Values>
std::string format(const char* how, Values... values) {
  std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, how, values...)), '\0');
  std::snprintf(text.data(), text.size() + 1, how, values...);
  return text;
}

// The text with U+FFFD in place of each byte that is not UTF-8: names of files may be anything.
inline std::string as_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t length = 4;
    while (length > 0 && !(length <= text.size() && tessera::detail::is_utf8(text.substr(0, length)))) --length;
    out += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

inline std::string json_text(std::string_view text) { return tessera::detail::quote_json(as_utf8(text)); }

// A field of a CSV file (RFC 4180).
inline std::string csv_text(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}
