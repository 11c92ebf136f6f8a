// SPDX-License-Identifier: MIT
#pragma once

// The one exception type of the library. Its message names the file or argument, what was found and what was expected.

#include <initializer_list>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tessera {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

// A value of any streamable type, for a moment: one function writes all messages, so that each of the many costs little to compile.
class Streamable {
 public:
  Streamable(const char* text)
      : value_(text), write_([](std::ostream& out, const void* value) { out << static_cast<const char*>(value); }) {}
  template <class T>
  Streamable(const T& value) : value_(&value), write_([](std::ostream& out, const void* to) { out << *static_cast<const T*>(to); }) {}
  friend std::ostream& operator<<(std::ostream& out, const Streamable& part) {
    part.write_(out, part.value_);
    return out;
  }

 private:
  const void* value_;
  void (*write_)(std::ostream&, const void*);
};
inline std::string join(std::initializer_list<Streamable> parts) {
  std::ostringstream out;
  for (const Streamable& part : parts) out << part;
  return std::move(out).str();
}
[[noreturn]] inline void fail_with(std::initializer_list<Streamable> parts) { throw Error(join(parts)); }

// Joins any streamable values into one string: concat("found ", 3, " of ", 4).
template <class... Parts>
std::string concat(const Parts&... parts) {
  return join({parts...});
}

template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  fail_with({parts...});
}

// Text from a file, fit for a message: ASCII without control characters, not endless.
inline std::string printable(std::string_view text, std::size_t longest = 160) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f)
      out += c;
    else
      out.append({'\\', 'x', hex[byte >> 4], hex[byte & 15]});
  }
  return text.size() > longest ? out + "..." : out;
}
inline std::string quote(std::string_view text) { return '"' + printable(text) + '"'; }

}  // namespace detail
}  // namespace tessera
