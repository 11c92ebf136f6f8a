// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/core/error.hpp"
#include "tessera/io/load_report.hpp"

namespace tessera {

TESSERA_COLD_INLINE std::string to_string(const LoadReport& report) {
  using detail::concat;
  std::string text = concat(report.path, ": ", report.format, ", ", report.naming, " names");
  if (!report.prefix.empty()) text += concat(" after ", detail::in_quotes(report.prefix));
  text += concat(", ", report.tensors, " tensors: ", report.used, " used");
  const char* separator = " (";
  for (const auto& [type, count] : report.types) {
    text += concat(separator, count, ' ', type);
    separator = ", ";
  }
  text += concat(report.types.empty() ? ", " : "), ", report.converted, " converted, ", report.ignored.size(), " ignored");
  constexpr std::size_t shown = 4;
  separator = " (";
  for (std::size_t i = 0; i < report.ignored.size() && i < shown; ++i) {
    text += separator + detail::printable(report.ignored[i]);
    separator = ", ";
  }
  if (report.ignored.size() > shown) text += concat(" and ", report.ignored.size() - shown, " more");
  if (!report.ignored.empty()) text += ')';
  for (std::size_t i = 0; i < report.passed_over.size(); ++i)
    text += concat(i == 0 ? ", passed over " : " and ", detail::in_quotes(report.passed_over[i]));
  return text;
}

}  // namespace tessera
