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
    if (found != nullptr)
      fail(ErrorKind::damaged, zip.name(), ": found ", in_quotes(found->name), " and ", in_quotes(member.name), ", expected one data.pkl");
    found = &member;
  }
  return found;
}

TESSERA_COLD_INLINE bool has_pth_members(const ZipArchive& zip) { return find_pth_pickle(zip) != nullptr; }

class PthStates final : public PickledStates {
 public:
  explicit PthStates(std::shared_ptr<const ZipArchive> zip);

 private:
  SharedBytes storage(std::size_t place, const TensorEntry& entry, std::uint64_t& unpacked) const override;

  std::shared_ptr<const ZipArchive> zip_;
  std::string folder_;
  bool big_endian_ = false;
  SharedBytes pickled_;
};

TESSERA_COLD_INLINE PthStates::PthStates(std::shared_ptr<const ZipArchive> zip)
    : PickledStates(zip->file(), zip->name()), zip_(std::move(zip)) {
  const ZipArchive::Member* const member = find_pth_pickle(*zip_);
  if (member == nullptr) fail(ErrorKind::damaged, name_, ": found a zip archive without NAME/data.pkl, expected a PyTorch checkpoint");
  folder_ = member->name.substr(0, member->name.size() - pth_pickle_name.size());
  if (zip_->find(folder_ + "constants.pkl") != nullptr)
    fail(ErrorKind::wrong_file_type, name_,
         ": found a TorchScript module, which holds a program: save its numbers in Python with "
         "torch.save(torch.jit.load(FILE).state_dict(), \"weights.pth\")");
  if (const ZipArchive::Member* const order = zip_->find(folder_ + "byteorder"); order != nullptr) {
    const std::string text = zip_->peek(*order, 8);
    if (text != "little" && text != "big")
      fail(ErrorKind::damaged, zip_->where(*order), ": found ", in_quotes(text), ", expected \"little\" or \"big\"");
    big_endian_ = text == "big";
  }
  if (member->size > longest_pickle)
    fail(ErrorKind::damaged, zip_->where(*member), ": found ", member->size, " bytes, expected at most ", longest_pickle);
  std::uint64_t unpacked = 0;
  pickled_ = zip_->read(*member, unpacked);
  auto pickle = std::make_unique<const Pickle>(pickled_.bytes, zip_->where(*member));
  if (pickle->size() != pickled_.bytes.size())
    fail(ErrorKind::damaged, zip_->where(*member), ": found ", pickled_.bytes.size() - pickle->size(),
         " bytes after the end of the pickle");
  set(std::move(pickle));
}

TESSERA_COLD_INLINE SharedBytes PthStates::storage(std::size_t place, const TensorEntry& entry, std::uint64_t& unpacked) const {
  const PickledStorage& storage = pickle().storages()[place];
  const std::string name = folder_ + "data/" + std::string(storage.key);
  const ZipArchive::Member* const member = zip_->find(name);
  if (member == nullptr) fail(ErrorKind::damaged, name_, ": tensor ", in_quotes(entry.name), ": found no member ", in_quotes(name));
  if (member->size / storage.width != static_cast<std::uint64_t>(storage.count) || member->size % storage.width != 0)
    fail(ErrorKind::damaged, zip_->where(*member), ": found ", member->size, " bytes, expected ", storage.count, " elements ",
         storage.dtype);
  const SharedBytes bytes = zip_->read(*member, unpacked);
  return big_endian_ && size_of(entry.dtype) > 1 ? with_swapped_bytes(bytes.bytes, size_of(entry.dtype)) : bytes;
}

TESSERA_COLD_INLINE TensorFile read_pth_members(std::shared_ptr<const ZipArchive> zip) {
  const std::string name = zip->name();
  const auto source = std::make_shared<const PthStates>(std::move(zip));
  return file_of_states(name, "PyTorch zip", source->list(), source);
}

}  // namespace detail

TESSERA_COLD_INLINE TensorFile parse_pth(const SharedBytes& file, const std::string& name) {
  return detail::read_pth_members(std::make_shared<const detail::ZipArchive>(file, name));
}

TESSERA_COLD_INLINE TensorFile read_pth(const FilePath& path) {
  SharedBytes mapped = map_file(path);
  TensorFile file = parse_pth(mapped, path.text());
  file.mapped = std::move(mapped);
  return file;
}

}  // namespace tessera
