// SPDX-License-Identifier: MIT
#pragma once

// Images whose folder is called as their class: ImageNet's layout, and that of many data sets, in folders or archives.

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/core/nearest.hpp"

// The name of the folder that an image lies in; empty where there is none.
inline std::string class_folder(std::string_view path) {
  const std::size_t end = path.rfind('/');
  if (end == path.npos) return "";
  const std::size_t begin = path.substr(0, end).rfind('/');
  return std::string(path.substr(begin + 1, end - begin - 1));  // npos + 1 is 0
}

// The class of each folder: the label that it is called as, whatever its case and with _ for a blank; or, if there are as many folders as
// classes, and none is called as a label, the folders in the order of their names (ImageNet's synsets). Otherwise an Error.
inline std::vector<std::size_t> classes_of_folders(const std::vector<std::string>& folders, const std::vector<std::string>& labels) {
  const auto plain = [](std::string text) {
    for (char& c : text) c = c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  };
  std::vector<std::string> names;
  for (const std::string& label : labels) names.push_back(plain(label));
  std::vector<std::size_t> classes;
  std::string unknown;
  for (const std::string& folder : folders) {
    const auto found = std::find(names.begin(), names.end(), plain(folder));
    if (found == names.end()) unknown = folder;
    classes.push_back(static_cast<std::size_t>(found - names.begin()));
  }
  if (unknown.empty()) return classes;
  const bool none = std::all_of(classes.begin(), classes.end(), [&](std::size_t c) { return c == labels.size(); });
  if (!none || folders.size() != labels.size()) {
    const std::vector<std::string_view> known(labels.begin(), labels.end());
    throw tessera::Error("found a folder " + tessera::detail::quote(unknown) + ", expected a label of the network" +
                         tessera::detail::did_you_mean(unknown, known) + " (or as many folders as classes, " +
                         std::to_string(labels.size()) + ")");
  }
  std::vector<std::string> sorted = folders;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < folders.size(); ++i)
    classes[i] = static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), folders[i]) - sorted.begin());
  return classes;
}
