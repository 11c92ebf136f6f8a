// SPDX-License-Identifier: MIT
#pragma once

// The one exception type of the library. Its message names the file or argument, what was found and what was expected.

#include <sstream>
#include <stdexcept>
#include <string>

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

}  // namespace detail
}  // namespace tessera
