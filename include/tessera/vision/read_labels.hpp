// SPDX-License-Identifier: MIT
#pragma once

// Class names from a file: one a line, or a JSON array of strings. Needs nlohmann-json.

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tessera/core/error.hpp"
#include "tessera/vision/read_file.hpp"

namespace tessera {

namespace detail {

inline constexpr std::size_t max_label_file_size = std::size_t{16} << 20;
inline constexpr std::size_t max_labels = 1'000'000;

inline std::vector<std::string> labels_from_json(std::string_view text, const std::string& name) {
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(text.data(), text.data() + text.size());
  } catch (const nlohmann::json::exception& e) {
    fail(name, ": found malformed JSON (", printable(e.what(), 240), "), expected an array of strings");
  }
  std::vector<std::string> labels;
  for (auto& entry : json) {
    if (!entry.is_string()) fail(name, ": entry ", labels.size(), " is of type ", entry.type_name(), ", expected a string");
    labels.push_back(std::move(entry.get_ref<std::string&>()));
  }
  return labels;
}

inline std::vector<std::string> labels_from_lines(std::string_view text, const std::string& name) {
  constexpr std::string_view blank = " \t\r\n";
  text = text.substr(0, text.find_last_not_of(blank) + 1);
  std::vector<std::string> labels;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t first = std::min(line.find_first_not_of(blank), line.size());
    line = line.substr(first, line.find_last_not_of(blank) + 1 - first);
    if (line.empty()) fail(name, ": line ", labels.size() + 1, " is empty, expected a label on every line");
    labels.emplace_back(line);
    if (labels.size() > max_labels) fail(name, ": found more than ", max_labels, " lines, expected a label file");
  }
  return labels;
}

}  // namespace detail

// Line ends of either kind and a byte-order mark are taken off, as are blanks around a label and blank lines at the end.
inline std::vector<std::string> read_labels(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = detail::read_file(path, detail::max_label_file_size, "one label a line or a JSON array of strings");
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool json = first != text.npos && text[first] == '[';
  std::vector<std::string> labels = json ? detail::labels_from_json(text, path.string()) : detail::labels_from_lines(text, path.string());
  if (labels.empty()) detail::fail(path.string(), ": found no labels, expected one label a line or a JSON array of strings");
  return labels;
}

}  // namespace tessera
