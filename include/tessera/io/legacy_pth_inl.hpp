// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/io/legacy_pth.hpp"
#include "tessera/io/pickle.hpp"
#include "tessera/io/state_dict.hpp"

namespace tessera {

namespace detail {

// The number 0x1950a86a20f9469cfc6c as LONG1 has it, and the end of the pickle.
inline constexpr std::string_view legacy_pth_magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

// The same in protocols 0 and 1.
inline constexpr std::string_view legacy_pth_text_magic = "L119547037146038801333356L\n.";

// Where the pickle of the magic number ends; 0 if there is none. Before the number are the protocol and, from protocol 4, a frame.
TESSERA_COLD_INLINE std::size_t legacy_magic_end(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with(legacy_pth_text_magic)) return legacy_pth_text_magic.size();
  if (!text.starts_with('\x80')) return 0;
  const std::size_t before = text.size() > 2 && text[2] == '\x95' ? 11 : 2;
  return text.size() > before && text.substr(before).starts_with(legacy_pth_magic) ? before + legacy_pth_magic.size() : 0;
}

TESSERA_COLD_INLINE bool is_legacy_pth(std::span<const std::byte> bytes) { return legacy_magic_end(bytes) != 0; }

class LegacyStates final : public PickledStates {
 public:
  LegacyStates(const SharedBytes& file, const std::string& name);

 private:
  std::unique_ptr<const Pickle> next(const char* what);
  void read_storages(const Pickle& keys);
  SharedBytes storage(std::size_t place, const TensorEntry&, std::uint64_t&) const override { return {storages_[place], file_.owner}; }

  std::span<const std::byte> rest_;
  std::vector<std::span<const std::byte>> storages_;  // the bytes of each storage of the pickle
};

TESSERA_COLD_INLINE std::unique_ptr<const Pickle> LegacyStates::next(const char* what) {
  auto pickle = std::make_unique<const Pickle>(rest_, concat(name_, ": ", what));
  rest_ = rest_.subspan(pickle->size());
  return pickle;
}

TESSERA_COLD_INLINE LegacyStates::LegacyStates(const SharedBytes& file, const std::string& name) : PickledStates(file, name) {
  const std::size_t magic = legacy_magic_end(file.bytes);
  if (magic == 0) fail(ErrorKind::damaged, name, ": found no PyTorch magic number");
  rest_ = file.bytes.subspan(magic);
  const std::unique_ptr<const Pickle> version = next("protocol version");
  if (version->root().kind != PickleKind::integer || version->root().number != 1001)
    fail(ErrorKind::damaged, name, ": found protocol version ", version->root().number, ", expected 1001");
  const std::unique_ptr<const Pickle> system = next("system");
  const bool is_dict = system->root().kind == PickleKind::dict;
  const PickleValue* const little = is_dict ? system->find(system->root(), "little_endian") : nullptr;
  if (little == nullptr || little->kind != PickleKind::boolean)
    fail(ErrorKind::damaged, name, ": found no little_endian: True or False in the description of the system");
  set(next("state dict"));
  read_storages(*next("list of storages"));
}

TESSERA_COLD_INLINE void LegacyStates::read_storages(const Pickle& keys) {
  const std::vector<PickledStorage>& wanted = pickle().storages();
  std::vector<std::uint32_t> known(wanted.size(), 0);
  storages_.resize(wanted.size());
  if (keys.root().kind != PickleKind::list)
    fail(ErrorKind::damaged, name_, ": found ", name_of(keys.root().kind), " as the fifth pickle, expected a list of keys");
  for (const PickleRef ref : keys.root().items) {
    const PickleValue& key = keys.value(ref);
    const std::size_t place = pickle().find_storage(key.text);
    if (key.kind != PickleKind::text || place == NameIndex::none || known[place] != 0)
      fail(ErrorKind::damaged, name_, ": found a storage ", in_quotes(key.text), " that no tensor uses, or twice");
    known[place] = 1;
    const PickledStorage& storage = wanted[place];
    if (rest_.size() < 8)
      fail(ErrorKind::damaged, name_, ": storage ", in_quotes(key.text), ": found the end of the file, expected a count of elements");
    const auto count = load<std::int64_t>(rest_.data());
    rest_ = rest_.subspan(8);
    if (count != storage.count)
      fail(ErrorKind::damaged, name_, ": storage ", in_quotes(key.text), ": found ", count, " elements, expected ", storage.count);
    if (storage.width == 0) fail(ErrorKind::damaged, name_, ": storage ", in_quotes(key.text), ": found elements whose size is not known");
    const std::uint64_t size = static_cast<std::uint64_t>(count) * storage.width;  // checked by the pickle
    if (size > rest_.size())
      fail(ErrorKind::damaged, name_, ": storage ", in_quotes(key.text), ": found ", rest_.size(),
           " bytes to the end of the file, expected ", size);
    storages_[place] = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(static_cast<std::size_t>(size));
  }
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i] == 0) fail(ErrorKind::damaged, name_, ": found no data of storage ", in_quotes(wanted[i].key));
  if (!rest_.empty())
    fail(ErrorKind::damaged, name_, ": found ", rest_.size(), " bytes after the last storage, expected the end of the file");
}

}  // namespace detail

TESSERA_COLD_INLINE TensorFile parse_legacy_pth(const SharedBytes& file, const std::string& name) {
  const auto source = std::make_shared<const detail::LegacyStates>(file, name);
  return detail::file_of_states(name, "PyTorch legacy", source->list(), source);
}

TESSERA_COLD_INLINE TensorFile read_legacy_pth(const FilePath& path) {
  SharedBytes mapped = map_file(path);
  TensorFile file = parse_legacy_pth(mapped, path.text());
  file.mapped = std::move(mapped);
  return file;
}

}  // namespace tessera
