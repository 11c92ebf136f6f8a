// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "tessera/layers/describe.hpp"

namespace tessera {
namespace detail {

TESSERA_COLD_INLINE std::size_t LayerLister::enter(std::string_view name) {
  const std::size_t outer = path_.size();
  if (!path_.empty() && !name.empty()) path_ += '.';
  path_ += name;
  return outer;
}
TESSERA_COLD_INLINE std::size_t LayerLister::enter(int index) { return enter(std::to_string(index)); }

TESSERA_COLD_INLINE void LayerLister::add(std::string_view kind, Shape input, Shape output, std::int64_t parameters, std::int64_t macs) {
  list.push_back({path_, std::string(kind), input, output, counted && shared ? 0 : parameters, macs, across_tokens});
}

// Columns on a screen: the bytes of UTF-8 that begin a character.
inline std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace detail

TESSERA_COLD_INLINE std::string layer_table(std::span<const LayerInfo> layers, std::string_view remarks_title,
                                            std::span<const std::string> remarks) {
  using Row = std::vector<std::string>;
  constexpr std::size_t first_number = 4, numbers_end = 6;
  std::vector<Row> rows{{"layer", "kind", "input", "output", "parameters", "multiply-accumulates", std::string(remarks_title)}};
  std::int64_t parameters = 0, macs = 0;
  for (const LayerInfo& layer : layers) {
    const std::size_t index = rows.size() - 1;
    rows.push_back({layer.path, layer.kind + (layer.across_tokens ? " across tokens" : ""), to_string(layer.input), to_string(layer.output),
                    std::to_string(layer.parameters), std::to_string(layer.macs), index < remarks.size() ? remarks[index] : ""});
    parameters += layer.parameters;
    macs += layer.macs;
  }
  rows.push_back({"total", "", "", "", std::to_string(parameters), std::to_string(macs), ""});
  std::vector<std::size_t> width(rows[0].size());
  for (const Row& row : rows)
    for (std::size_t column = 0; column < row.size(); ++column) width[column] = (std::max)(width[column], detail::columns_of(row[column]));
  std::string table;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::string space(width[column] - detail::columns_of(row[column]), ' ');
      const bool number = column >= first_number && column < numbers_end;
      if (column > 0) line += "  ";
      line += number ? space + row[column] : row[column] + space;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    table += line + '\n';
  }
  return table;
}

}  // namespace tessera
