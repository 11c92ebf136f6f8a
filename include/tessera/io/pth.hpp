// SPDX-License-Identifier: MIT
#pragma once

// PyTorch's .pth / .pt / .bin since version 1.6: a zip archive
//
//     NAME/data.pkl    a pickle: the state dict, whose tensors name storages
//     NAME/data/KEY    the bytes of one storage each
//     NAME/byteorder   "little", in newer files
//
// NAME is "archive" or the file's own name. Members are stored without compression from multiples of 64 bytes, so tensors are used
// where they lie. Several tensors may look at one storage, with offsets and strides of their own. Only the storages of the state
// dict are read, not those of an optimizer beside it. https://pytorch.org/docs/stable/notes/serialization.html

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/io/mapped_file.hpp"
#include "tessera/io/pickle.hpp"
#include "tessera/io/state_dict.hpp"
#include "tessera/io/tensor_file.hpp"
#include "tessera/io/zip.hpp"

namespace tessera {

namespace detail {

inline constexpr std::string_view pth_pickle_name = "data.pkl";

// The member NAME/data.pkl, or nullptr if there is none.
inline const ZipArchive::Member* find_pth_pickle(const ZipArchive& zip) {
  const ZipArchive::Member* found = nullptr;
  for (const ZipArchive::Member& member : zip.members()) {
    const std::size_t slash = member.name.find('/');
    if (slash == std::string::npos || std::string_view(member.name).substr(slash + 1) != pth_pickle_name) continue;
    if (found != nullptr) fail(zip.name(), ": found ", quote(found->name), " and ", quote(member.name), ", expected one data.pkl");
    found = &member;
  }
  return found;
}

inline TensorFile read_pth_members(ZipArchive& zip) {
  const ZipArchive::Member* const pickle_member = find_pth_pickle(zip);
  if (pickle_member == nullptr) fail(zip.name(), ": found a zip archive without NAME/data.pkl, expected a PyTorch checkpoint");
  const std::string folder = pickle_member->name.substr(0, pickle_member->name.size() - pth_pickle_name.size());

  if (const auto* const order = zip.find(folder + "byteorder"); order != nullptr && zip.peek(*order, 8) != "little")
    fail(zip.where(*order), ": found ", quote(zip.peek(*order, 8)), ", expected \"little\": big-endian files are not read");
  if (pickle_member->size > longest_pickle)
    fail(zip.where(*pickle_member), ": found ", pickle_member->size, " bytes, expected at most ", longest_pickle);
  const SharedBytes pickled = zip.read(*pickle_member);
  const Pickle pickle(pickled.bytes, zip.where(*pickle_member));
  if (pickle.size() != pickled.bytes.size())
    fail(zip.where(*pickle_member), ": found ", pickled.bytes.size() - pickle.size(), " bytes after the end of the pickle");

  const StateDict state = find_state_dict(pickle, zip.name());
  TensorFile result{zip.name(), pytorch_format("PyTorch zip", state), {}, {}, {zip.file().owner}};
  std::map<std::size_t, SharedBytes> storages;
  for (const StateDict::Item& item : state.items) {
    const PickledStorage& storage = pickle.storages()[item.tensor->storage];
    auto found = storages.find(item.tensor->storage);
    if (found == storages.end()) {
      const ZipArchive::Member* const member = zip.find(folder + "data/" + storage.key);
      if (member == nullptr) fail(zip.name(), ": tensor ", quote(item.name), ": found no member ", quote(folder + "data/" + storage.key));
      if (member->size / size_of(storage.dtype) != static_cast<std::uint64_t>(storage.count) || member->size % size_of(storage.dtype) != 0)
        fail(zip.where(*member), ": found ", member->size, " bytes, expected ", storage.count, " elements ", storage.dtype);
      found = storages.emplace(item.tensor->storage, zip.read(*member)).first;
      if (found->second.owner != zip.file().owner) result.storage.push_back(found->second.owner);
    }
    result.tensors.push_back(tensor_entry(item, storage.dtype, found->second.bytes));
  }
  return result;
}

}  // namespace detail

inline TensorFile parse_pth(const SharedBytes& file, const std::string& name) {
  detail::ZipArchive zip(file, name);
  return detail::read_pth_members(zip);
}

inline TensorFile read_pth(const std::filesystem::path& path) { return parse_pth(map_file(path), path.string()); }

}  // namespace tessera
