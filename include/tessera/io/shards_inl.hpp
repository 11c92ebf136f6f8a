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
    fail(ErrorKind::wrong_file_type, name,
         ": found an index of shards in memory, expected its path, because the shards are files beside it");
  fail(ErrorKind::wrong_file_type, name,
       ": found a JSON file without a weight_map, expected a safetensors, .pth or .npz file, or an index of shards");
}

// A name that stays in the folder of the index.
TESSERA_COLD_INLINE bool is_safe_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find_first_of(std::string_view("/\\:\0", 4)) == std::string_view::npos;
}

TESSERA_COLD_INLINE FilePath beside(const FilePath& file, const std::string& name) {
#ifdef _WIN32
  return std::filesystem::path(file.native()).replace_filename(std::u8string(name.begin(), name.end()));
#else
  const std::string& path = file.native();
  return path.substr(0, path.rfind('/') + 1) + name;  // npos + 1 is 0
#endif
}

// Adds the tensors that the map names for the shard of entry `first`, which is the first of its shard.
TESSERA_COLD_INLINE void add_shard(const FilePath& path, const Json& map, std::size_t first, TensorFile& result) {
  const SharedBytes mapped = map_file(path);
  // Not by read_tensors: a shard is no index.
  TensorFile file = parse_tensors(mapped, path.text());
  NameIndex names;
  for (const TensorEntry& tensor : file.tensors) names.add(tensor.name);
  const std::string& shard = map.items()[first].text();
  for (std::size_t i = first; i < map.items().size(); ++i) {
    if (map.items()[i].text() != shard) continue;
    const std::size_t place = names.find(map.keys()[i]);
    if (place == NameIndex::none)
      fail(ErrorKind::damaged, result.path, ": found no tensor ", in_quotes(map.keys()[i]), " in ", in_quotes(shard),
           ", which the index names for it");
    result.tensors.push_back(std::move(file.tensors[place]));
  }
  for (auto& storage : file.storage) result.storage.push_back(std::move(storage));
  if (!result.format.empty()) return;
  result.format = file.format;
  result.metadata = file.metadata;
  result.mapped = mapped;
}

TESSERA_COLD_INLINE TensorFile read_shards(const FilePath& index, std::string_view text) {
  const std::string& path = index.text();
  if (text.size() > 100'000'000)
    fail(ErrorKind::damaged, path, ": found a JSON file of ", text.size(), " bytes, expected an index of shards");
  const Json json = parse_json(text, path);
  const Json* const map = json.find("weight_map");
  if (map == nullptr) fail_for_json(text, path);
  if (!map->is_object()) fail(ErrorKind::damaged, path, ": weight_map: found ", map->describe(), ", expected an object");

  TensorFile result;
  result.path = path;
  NameIndex names;
  for (std::size_t first = 0; first < map->items().size(); ++first) {
    const Json& shard = map->items()[first];
    if (!shard.is_text() || !is_safe_name(shard.text()))
      fail(ErrorKind::damaged, path, ": weight_map: found ", shard.describe(), ", expected the name of a file in the same folder");
    const std::size_t before = names.size();
    if (names.add(shard.text()) != before) continue;
    if (before == most_shards) fail(ErrorKind::damaged, path, ": found more than ", most_shards, " shards");
    add_shard(beside(index, shard.text()), *map, first, result);
  }
  result.format += concat(" in ", names.size(), names.size() == 1 ? " shard" : " shards");
  return result;
}

}  // namespace tessera::detail
