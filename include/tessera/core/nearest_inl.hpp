// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "tessera/core/nearest.hpp"

namespace tessera::detail {

TESSERA_COLD_INLINE std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  // Three rows of the table: the one before the last, the last, and the one that is being filled in.
  std::vector<std::size_t> older(b.size() + 1), old(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    older.swap(old);
    old.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = (std::min)({old[j] + 1, row[j - 1] + 1, old[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = (std::min)(row[j], older[j - 2] + 1);
    }
  }
  return row[b.size()];
}

TESSERA_COLD_INLINE std::string did_you_mean(std::string_view wanted, std::span<const std::string_view> known, std::size_t most,
                                             std::size_t listed) {
  // A name from a file or a command line may be of any length; no known one is longer than this.
  constexpr std::size_t longest = 128;
  std::vector<std::pair<std::size_t, std::string_view>> close;
  if (wanted.size() <= longest)
    for (const std::string_view name : known) {
      const std::size_t distance = edit_distance(wanted, name);
      const bool part = wanted.size() >= 3 && name.find(wanted) != std::string_view::npos;
      if (part || 3 * distance <= (std::max)(wanted.size(), name.size())) close.emplace_back(distance, name);
    }
  std::sort(close.begin(), close.end());
  std::string text;
  const auto add = [&text](std::string_view separator, std::string_view name) {
    text += separator;
    text += '"';
    text += name;
    text += '"';
  };
  if (!close.empty()) {
    close.resize((std::min)(close.size(), most));
    for (std::size_t i = 0; i < close.size(); ++i) add(i == 0 ? ", did you mean " : i + 1 == close.size() ? " or " : ", ", close[i].second);
    return text + '?';
  }
  if (known.size() <= listed)
    for (std::size_t i = 0; i < known.size(); ++i) add(i == 0 ? ", expected one of " : ", ", known[i]);
  return text;
}

}  // namespace tessera::detail
