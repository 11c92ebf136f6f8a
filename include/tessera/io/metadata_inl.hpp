// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/core/error.hpp"
#include "tessera/core/json.hpp"
#include "tessera/io/metadata.hpp"

namespace tessera {

TESSERA_COLD_INLINE std::vector<std::string> read_labels(const TensorFile& file) {
  const std::string* const text = file.metadata.find("labels");
  if (text == nullptr) return {};
  const std::string place = file.path + ": metadata, labels";
  const detail::Json json = detail::parse_json(*text, place, {.levels = 1});
  if (!json.is_array()) detail::fail(ErrorKind::damaged, place, ": found ", json.describe(), ", expected a list of texts");
  std::vector<std::string> labels;
  for (const detail::Json& label : json.items()) {
    if (!label.is_text()) detail::fail(ErrorKind::damaged, place, ": found ", label.describe(), ", expected a text");
    labels.push_back(label.text());
  }
  return labels;
}

TESSERA_COLD_INLINE std::string read_model_name(const TensorFile& file) {
  const std::string* const name = file.metadata.find("model");
  return name == nullptr ? "" : *name;
}

}  // namespace tessera
