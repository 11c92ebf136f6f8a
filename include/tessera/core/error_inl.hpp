// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>

#include "tessera/core/error.hpp"
#include "tessera/core/shape.hpp"

#if !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#include <cstdio>
#include <cstdlib>
#endif

namespace tessera::detail {

TESSERA_COLD_INLINE void Part::append_to(std::string& text) const {
  char digits[32];
  char* end = digits;
  switch (kind_) {
    case Kind::text:
      text.append(text_, size_);
      return;
    case Kind::quoted:
      text += quote(std::string_view(text_, size_));
      return;
    case Kind::extents:
      if (size_ == 0) text += "scalar";
      for (std::size_t axis = 0; axis < size_; ++axis) {
        if (axis != 0) text += "×";
        text += std::to_string(extents_[axis]);
      }
      return;
    case Kind::character:
      text += static_cast<char>(signed_);
      return;
    case Kind::shape:
      text += to_string(*shape_);
      return;
    case Kind::signed_number:
      end = std::to_chars(digits, digits + sizeof digits, signed_).ptr;
      break;
    case Kind::unsigned_number:
      end = std::to_chars(digits, digits + sizeof digits, unsigned_).ptr;
      break;
    case Kind::real_number:
      end = std::to_chars(digits, digits + sizeof digits, real_, std::chars_format::general, 6).ptr;
      break;
  }
  text.append(digits, end);
}

TESSERA_COLD_INLINE std::string concat(PartRef a, PartRef b, PartRef c, PartRef d, PartRef e, PartRef f, PartRef g, PartRef h, PartRef i,
                                       PartRef j, PartRef k, PartRef l, PartRef m, PartRef n, PartRef o, PartRef p) {
  std::string text;
  for (const Part* const part : {&a, &b, &c, &d, &e, &f, &g, &h, &i, &j, &k, &l, &m, &n, &o, &p}) part->append_to(text);
  return text;
}

TESSERA_COLD_INLINE void fail(ErrorKind kind, PartRef a, PartRef b, PartRef c, PartRef d, PartRef e, PartRef f, PartRef g, PartRef h,
                              PartRef i, PartRef j, PartRef k, PartRef l, PartRef m, PartRef n, PartRef o, PartRef p) {
  const Error error(concat(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p), kind);
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
  throw error;
#else
  std::fprintf(stderr, "%s\n", error.what());
  std::abort();
#endif
}
TESSERA_COLD_INLINE void fail(PartRef a, PartRef b, PartRef c, PartRef d, PartRef e, PartRef f, PartRef g, PartRef h, PartRef i, PartRef j,
                              PartRef k, PartRef l, PartRef m, PartRef n, PartRef o, PartRef p) {
  fail(ErrorKind::wrong_argument, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
}

TESSERA_COLD_INLINE std::string printable(std::string_view text, std::size_t longest) {
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
TESSERA_COLD_INLINE std::string quote(std::string_view text) { return '"' + printable(text) + '"'; }

}  // namespace tessera::detail
