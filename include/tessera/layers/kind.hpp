// SPDX-License-Identifier: MIT
#pragma once

// kind_of<L>(): what the type of a layer is called, without namespaces and template arguments: "Linear" for tessera::Linear<10>.

#include <string_view>

namespace tessera::detail {

// The name of a type, from what a compiler calls a function of it:
//     g++      "... [with L = tessera::Linear<10>; ...]"
//     clang    "... [L = tessera::Linear<10>]"
//     MSVC     "...kind_of<struct tessera::Linear<10>>(void)"
constexpr std::string_view name_in_signature(std::string_view signature) {
  const std::size_t begin = signature.find("L = ");
  if (begin != std::string_view::npos)
    signature.remove_prefix(begin + 4);
  else if (const std::size_t call = signature.find("kind_of<"); call != std::string_view::npos)
    signature.remove_prefix(call + 8);
  signature = signature.substr(0, signature.find_first_of("<;]>"));
  const std::size_t scope = signature.find_last_of(": ");
  return scope == std::string_view::npos ? signature : signature.substr(scope + 1);
}

template <class L>
constexpr std::string_view kind_of() {
#ifdef _MSC_VER
  return name_in_signature(__FUNCSIG__);
#else
  return name_in_signature(__PRETTY_FUNCTION__);
#endif
}

}  // namespace tessera::detail
