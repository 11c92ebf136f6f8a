// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/io/pickle.hpp"
#include "tessera/io/pth.hpp"
#include "tessera/io/state_dict.hpp"
#include "tessera/io/zip.hpp"

namespace tessera {

namespace detail {

inline constexpr std::string_view pth_pickle_name = "data.pkl";

// The member NAME/data.pkl, or null if there is none.
TESSERA_COLD_INLINE const ZipArchive::Member* find_pth_pickle(const ZipArchive& zip) {
  const ZipArchive::Member* found = nullptr;
  for (const ZipArchive::Member& member : zip.members()) {
    const std::size_t slash = member.name.find('/');
    if (slash == std::string::npos || std::string_view(member.name).substr(slash + 1) != pth_pickle_name) continue;
    if (found != nullptr) fail(ErrorKind::damaged, zip.name(), ": found ", quote(found->name), " and ", quote(member.name), ", expected one data.pkl");
    found = &member;
  }
  return found;
}

TESSERA_COLD_INLINE bool has_pth_members(const ZipArchive& zip) { return find_pth_pickle(zip) != nullptr; }

class PthStates : public TensorStates {
 public:
  explicit PthStates(ZipArchive zip);
  std::vector<TensorState> list() const;
  TensorFile read(std::size_t state) const override;

 private:
  SharedBytes read_storage(const PickledStorage& storage, const TensorEntry& entry, std::uint64_t& budget) const;

  ZipArchive zip_;
  std::string folder_;
  bool big_endian_ = false;
  SharedBytes pickled_;
  std::unique_ptr<const Pickle> pickle_;
  std::vector<StateDict> states_;
};

TESSERA_COLD_INLINE PthStates::PthStates(ZipArchive zip) : zip_(std::move(zip)) {
  const ZipArchive::Member* const member = find_pth_pickle(zip_);
  if (member == nullptr) fail(ErrorKind::damaged, zip_.name(), ": found a zip archive without NAME/data.pkl, expected a PyTorch checkpoint");
  folder_ = member->name.substr(0, member->name.size() - pth_pickle_name.size());
  if (zip_.find(folder_ + "constants.pkl") != nullptr)
    fail(ErrorKind::wrong_file_type, zip_.name(),
         ": found a TorchScript module, which holds a program: save its numbers in Python with "
         "torch.save(torch.jit.load(FILE).state_dict(), \"weights.pth\")");
  if (const ZipArchive::Member* const order = zip_.find(folder_ + "byteorder"); order != nullptr) {
    const std::string text = zip_.peek(*order, 8);
    if (text != "little" && text != "big") fail(ErrorKind::damaged, zip_.where(*order), ": found ", quote(text), ", expected \"little\" or \"big\"");
    big_endian_ = text == "big";
  }
  if (member->size > longest_pickle) fail(ErrorKind::damaged, zip_.where(*member), ": found ", member->size, " bytes, expected at most ", longest_pickle);
  pickled_ = zip_.read(*member);
  pickle_ = std::make_unique<const Pickle>(pickled_.bytes, zip_.where(*member));
  if (pickle_->size() != pickled_.bytes.size())
    fail(ErrorKind::damaged, zip_.where(*member), ": found ", pickled_.bytes.size() - pickle_->size(), " bytes after the end of the pickle");
  states_ = find_state_dicts(*pickle_, zip_.name());
}

TESSERA_COLD_INLINE std::vector<TensorState> PthStates::list() const {
  std::vector<TensorState> states;
  for (const StateDict& state : states_) states.push_back({state.place, list_tensors(*pickle_, state, zip_.name())});
  return states;
}

TESSERA_COLD_INLINE SharedBytes PthStates::read_storage(const PickledStorage& storage, const TensorEntry& entry,
                                                       std::uint64_t& budget) const {
  const std::string name = folder_ + "data/" + std::string(storage.key);
  const ZipArchive::Member* const member = zip_.find(name);
  if (member == nullptr) fail(ErrorKind::damaged, zip_.name(), ": tensor ", quote(entry.name), ": found no member ", quote(name));
  if (member->size / storage.width != static_cast<std::uint64_t>(storage.count) || member->size % storage.width != 0)
    fail(ErrorKind::damaged, zip_.where(*member), ": found ", member->size, " bytes, expected ", storage.count, " elements ", name_of(storage.dtype));
  const SharedBytes bytes = zip_.read(*member, budget);
  return big_endian_ && size_of(entry.dtype) > 1 ? with_swapped_bytes(bytes.bytes, size_of(entry.dtype)) : bytes;
}

TESSERA_COLD_INLINE TensorFile PthStates::read(std::size_t number) const {
  std::uint64_t budget = zip_.budget();
  const StateDict& state = states_[number];
  TensorFile result;
  result.storage.push_back(zip_.file().owner);
  result.tensors = list_tensors(*pickle_, state, zip_.name());
  std::vector<SharedBytes> storages(pickle_->storages().size());
  std::vector<bool> known(storages.size(), false);
  for (std::size_t i = 0; i < state.items.size(); ++i) {
    TensorEntry& entry = result.tensors[i];
    if (entry.dtype == DType::foreign) continue;
    const auto place = static_cast<std::size_t>(pickle_->value(state.items[i].value).number);
    const PickledTensor& tensor = pickle_->tensors()[place];
    SharedBytes& bytes = storages[tensor.storage];
    if (!known[tensor.storage]) {
      known[tensor.storage] = true;
      bytes = read_storage(pickle_->storages()[tensor.storage], entry, budget);
      if (bytes.owner != zip_.file().owner) result.storage.push_back(bytes.owner);
    }
    point_into(entry, tensor, bytes.bytes);
  }
  return result;
}

TESSERA_COLD_INLINE TensorFile read_pth_members(ZipArchive zip) {
  const std::string name = zip.name();
  const auto source = std::make_shared<const PthStates>(std::move(zip));
  return file_of_states(name, "PyTorch zip", source->list(), source);
}

}  // namespace detail

TESSERA_COLD_INLINE TensorFile parse_pth(const SharedBytes& file, const std::string& name) {
  return detail::read_pth_members(detail::ZipArchive(file, name));
}

TESSERA_COLD_INLINE TensorFile read_pth(const FilePath& path) {
  SharedBytes mapped = map_file(path);
  TensorFile file = parse_pth(mapped, path.text());
  file.mapped = std::move(mapped);
  return file;
}

}  // namespace tessera
