// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/core/error.hpp"
#include "tessera/io/load_report.hpp"

namespace tessera {

TESSERA_COLD_INLINE std::string to_string(const LoadReport& report) {
  std::string text = report.path + ": " + report.format + ", " + report.naming + " names";
  if (!report.prefix.empty()) text += " after " + detail::quote(report.prefix);
  text += ", " + std::to_string(report.tensors) + " tensors: " + std::to_string(report.used) + " used";
  const char* separator = " (";
  for (const auto& [type, count] : report.types) {
    text += separator + std::to_string(count) + ' ' + std::string(name_of(type));
    separator = ", ";
  }
  if (!report.types.empty()) text += ')';
  text += ", " + std::to_string(report.converted) + " converted, " + std::to_string(report.ignored.size()) + " ignored";
  constexpr std::size_t shown = 4;
  separator = " (";
  for (std::size_t i = 0; i < report.ignored.size() && i < shown; ++i) {
    text += separator + detail::printable(report.ignored[i]);
    separator = ", ";
  }
  if (report.ignored.size() > shown) text += " and " + std::to_string(report.ignored.size() - shown) + " more";
  if (!report.ignored.empty()) text += ')';
  for (std::size_t i = 0; i < report.passed_over.size(); ++i)
    text += (i == 0 ? ", passed over " : " and ") + detail::quote(report.passed_over[i]);
  return text;
}

}  // namespace tessera
