// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/core/json.hpp"
#include "tessera/io/name_index.hpp"
#include "tessera/io/read_tensors.hpp"
#include "tessera/io/shards.hpp"

#ifdef _WIN32
#include <filesystem>
#endif

namespace tessera::detail {

inline constexpr std::size_t most_shards = 10'000;

TESSERA_COLD_INLINE bool is_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') return false;
  const std::size_t second = text.find_first_not_of(" \t\r\n", first + 1);
  return second != std::string_view::npos && (text[second] == '"' || text[second] == '}');
}

TESSERA_COLD_INLINE void fail_for_json(std::string_view text, const std::string& name) {
  if (text.find("\"weight_map\"") != std::string_view::npos)
    fail(ErrorKind::wrong_file_type, name, ": found an index of shards in memory, expected its path, because the shards are files beside it");
  fail(ErrorKind::wrong_file_type, name, ": found a JSON file without a weight_map, expected a safetensors, .pth or .npz file, or an index of shards");
}

// A name that stays in the folder of the index.
TESSERA_COLD_INLINE bool is_safe_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find_first_of(std::string_view("/\\:\0", 4)) == std::string_view::npos;
}

// A file in the folder of another.
TESSERA_COLD_INLINE FilePath beside(const FilePath& file, const std::string& name) {
#ifdef _WIN32
  return std::filesystem::path(file.native()).replace_filename(std::u8string(name.begin(), name.end()));
#else
  const std::string& path = file.native();
  return path.substr(0, path.rfind('/') + 1) + name;  // npos + 1 is 0
#endif
}

TESSERA_COLD_INLINE TensorFile read_shards(const FilePath& index, std::string_view text) {
  const std::string& path = index.text();
  if (text.size() > 100'000'000) fail(ErrorKind::damaged, path, ": found a JSON file of ", text.size(), " bytes, expected an index of shards");
  const Json json = parse_json(text, path);
  const Json* const map = json.find("weight_map");
  if (map == nullptr) fail_for_json(text, path);
  if (!map->is_object()) fail(ErrorKind::damaged, path, ": weight_map: found ", map->describe(), ", expected an object");

  TensorFile result;
  result.path = path;
  NameIndex names;
  std::vector<TensorFile> shards;
  for (const Json& shard : map->items()) {
    if (!shard.is_text() || !is_safe_name(shard.text()))
      fail(ErrorKind::damaged, path, ": weight_map: found ", shard.describe(), ", expected the name of a file in the same folder");
    if (names.add(shard.text()) != shards.size()) continue;
    if (shards.size() == most_shards) fail(ErrorKind::damaged, path, ": found more than ", most_shards, " shards");
    const FilePath file = beside(index, shard.text());
    const SharedBytes mapped = map_file(file);
    // Not by read_tensors: a shard is no index.
    shards.push_back(parse_tensors(mapped, file.text()));
    for (const auto& storage : shards.back().storage) result.storage.push_back(storage);
    if (shards.size() == 1) result.mapped = mapped;
  }
  std::vector<NameIndex> tensors(shards.size());
  for (std::size_t i = 0; i < shards.size(); ++i)
    for (const TensorEntry& tensor : shards[i].tensors) tensors[i].add(tensor.name);
  for (std::size_t i = 0; i < map->items().size(); ++i) {
    const std::size_t shard = names.find(map->items()[i].text()), place = tensors[shard].find(map->keys()[i]);
    if (place == NameIndex::none)
      fail(ErrorKind::damaged, path, ": found no tensor ", quote(map->keys()[i]), " in ", quote(map->items()[i].text()), ", which the index names for it");
    result.tensors.push_back(shards[shard].tensors[place]);
  }
  const std::string format = shards.empty() ? "empty" : shards[0].format;
  result.format = concat(format, " in ", shards.size(), shards.size() == 1 ? " shard" : " shards");
  if (!shards.empty()) result.metadata = shards[0].metadata;
  return result;
}

}  // namespace tessera::detail
