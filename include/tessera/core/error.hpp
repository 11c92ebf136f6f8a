// SPDX-License-Identifier: MIT
#pragma once

// The one exception type of the library. Its message names the file or argument, what was found and what was expected.

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

// Joins any streamable values into one string: concat("found ", 3, " of ", 4).
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return std::move(out).str();
}

template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  throw Error(concat(parts...));
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
