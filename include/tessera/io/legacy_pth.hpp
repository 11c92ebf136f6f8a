// SPDX-License-Identifier: MIT
#pragma once

// PyTorch's .pth before version 1.6, and the Mixer files that timm released: five pickles in a row
//
//     magic number | protocol version 1001 | {"little_endian": True, ...} | the state dict | list of the storages' keys
//
// and then, for each key of the list, an int64 count of elements and their bytes, unaligned.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/io/mapped_file.hpp"
#include "tessera/io/pickle.hpp"
#include "tessera/io/state_dict.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

namespace detail {

// The first pickle: the number 0x1950a86a20f9469cfc6c.
inline constexpr std::string_view legacy_pth_magic = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

// The bytes of each storage of the pickle, by its place in storages(); nothing where the file has none.
inline std::vector<std::span<const std::byte>> read_legacy_storages(const Pickle& pickle, const Pickle& keys,
                                                                    std::span<const std::byte> rest, const std::string& name) {
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < pickle.storages().size(); ++i) places.emplace(pickle.storages()[i].key, i);
  std::vector<std::span<const std::byte>> bytes(places.size());
  if (keys.root().kind != PickleKind::list)
    fail(name, ": found ", name_of(keys.root().kind), " as the fifth pickle, expected a list of keys");
  for (const PickleRef ref : keys.root().items) {
    const PickleValue& key = keys.value(ref);
    const auto place = places.find(key.text);
    if (key.kind != PickleKind::text || place == places.end())
      fail(name, ": found a storage ", quote(key.text), " that no tensor uses, or twice");
    const PickledStorage& storage = pickle.storages()[place->second];
    if (rest.size() < 8) fail(name, ": storage ", quote(key.text), ": found the end of the file, expected a count of elements");
    const auto count = load<std::int64_t>(rest.data());
    rest = rest.subspan(8);
    if (count != storage.count) fail(name, ": storage ", quote(key.text), ": found ", count, " elements, expected ", storage.count);
    const std::uint64_t size = static_cast<std::uint64_t>(count) * size_of(storage.dtype);  // checked by the pickle
    if (size > rest.size())
      fail(name, ": storage ", quote(key.text), ": found ", rest.size(), " bytes to the end of the file, expected ", size);
    bytes[place->second] = rest.first(static_cast<std::size_t>(size));
    rest = rest.subspan(static_cast<std::size_t>(size));
    places.erase(place);
  }
  for (const auto& [key, place] : places) fail(name, ": found no data of storage ", quote(key));
  if (!rest.empty()) fail(name, ": found ", rest.size(), " bytes after the last storage, expected the end of the file");
  return bytes;
}

}  // namespace detail

inline TensorFile parse_legacy_pth(const SharedBytes& file, const std::string& name) {
  using detail::Pickle;
  using detail::PickleKind;
  const std::string_view text(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
  if (!text.starts_with(detail::legacy_pth_magic)) detail::fail(name, ": found no PyTorch magic number");

  std::span<const std::byte> rest = file.bytes.subspan(detail::legacy_pth_magic.size());
  const auto next = [&](const char* what) {
    Pickle pickle(rest, name + ": " + what);
    rest = rest.subspan(pickle.size());
    return pickle;
  };
  const Pickle version = next("protocol version");
  if (version.root().kind != PickleKind::integer || version.root().number != 1001)
    detail::fail(name, ": found protocol version ", version.root().number, ", expected 1001");
  const Pickle system = next("system");
  const detail::PickleValue* const little = system.root().kind == PickleKind::dict ? system.find(system.root(), "little_endian") : nullptr;
  if (little == nullptr || little->kind != PickleKind::boolean || little->number != 1)
    detail::fail(name, ": found no little_endian: True, expected it: big-endian files are not read");
  const Pickle pickle = next("state dict");
  const Pickle keys = next("list of storages");

  const auto storages = detail::read_legacy_storages(pickle, keys, rest, name);
  const detail::StateDict state = detail::find_state_dict(pickle, name);
  TensorFile result{name, detail::pytorch_format("PyTorch legacy", state), {}, {}, {file.owner}};
  for (const auto& item : state.items)
    result.tensors.push_back(detail::tensor_entry(item, pickle.storages()[item.tensor->storage].dtype, storages[item.tensor->storage]));
  return result;
}

inline TensorFile read_legacy_pth(const std::filesystem::path& path) { return parse_legacy_pth(map_file(path), path.string()); }

}  // namespace tessera
