// SPDX-License-Identifier: MIT
#pragma once

// Small files of each format, put together byte by byte, so that tests can break any part of them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "files.hpp"

namespace tessera::test {

// Zip. Sizes, checksum and offset are the right ones unless others are given.
struct ZipMember {
  std::string name;
  std::string data{};  // as it stands in the file
  std::uint16_t method = 0;
  std::uint16_t flags = 0;
  std::optional<std::uint32_t> size{};    // unpacked, in the central directory
  std::optional<std::uint32_t> packed{};  // in the central directory
  std::optional<std::uint32_t> crc{};
  std::optional<std::uint32_t> offset{};
  std::optional<std::uint32_t> local_size{};
  std::string extra{};  // of the local header: what PyTorch pads with
};

struct ZipEnd {
  std::optional<std::uint16_t> count{};
  std::optional<std::uint32_t> size{};
  std::optional<std::uint32_t> offset{};
  std::string comment{};
};

inline std::uint32_t crc32(std::string_view data) {
  std::uint32_t crc = ~0U;
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

// A raw deflate stream that holds `data` as it is (one block of type 0, at most 65535 bytes).
inline std::string deflated(std::string_view data) {
  const auto size = static_cast<std::uint16_t>(data.size());
  return '\1' + raw(size) + raw(static_cast<std::uint16_t>(~size)) + std::string(data);
}
inline ZipMember deflated_member(std::string name, std::string_view data) {
  ZipMember member{std::move(name), deflated(data), 8};
  member.size = static_cast<std::uint32_t>(data.size());
  member.crc = crc32(data);
  return member;
}

inline std::string zip_of(const std::vector<ZipMember>& members, const ZipEnd& end = {}) {
  const auto u16 = [](std::size_t n) { return raw(static_cast<std::uint16_t>(n)); };
  const auto u32 = [](std::size_t n) { return raw(static_cast<std::uint32_t>(n)); };
  std::string file, directory;
  for (const ZipMember& m : members) {
    const std::size_t offset = file.size();
    const std::uint32_t crc = m.crc.value_or(crc32(m.data));
    const std::size_t packed = m.packed.value_or(static_cast<std::uint32_t>(m.data.size()));
    const std::size_t size = m.size.value_or(static_cast<std::uint32_t>(m.data.size()));
    file += "PK\3\4" + u16(20) + u16(m.flags) + u16(m.method) + u16(0) + u16(33) + raw(crc) + u32(packed) +
            u32(m.local_size.value_or(size)) + u16(m.name.size()) + u16(m.extra.size()) + m.name + m.extra + m.data;
    directory += "PK\1\2" + u16(20) + u16(20) + u16(m.flags) + u16(m.method) + u16(0) + u16(33) + raw(crc) + u32(packed) + u32(size) +
                 u16(m.name.size()) + u16(0) + u16(0) + u16(0) + u16(0) + u32(0) + u32(m.offset.value_or(offset)) + m.name;
  }
  const std::uint16_t count = end.count.value_or(static_cast<std::uint16_t>(members.size()));
  return file + directory + "PK\5\6" + u16(0) + u16(0) + raw(count) + raw(count) + u32(end.size.value_or(directory.size())) +
         u32(end.offset.value_or(file.size())) + u16(end.comment.size()) + end.comment;
}

// Pickle: the opcodes that make a value.
namespace pickle {

inline std::string text(std::string_view value) { return 'X' + raw(static_cast<std::uint32_t>(value.size())) + std::string(value); }
inline std::string number(std::int64_t value) { return "\x8a\x08" + raw(value); }
inline std::string global(const std::string& module, const std::string& name) { return 'c' + module + '\n' + name + '\n'; }
inline std::string tuple(const std::string& items) { return '(' + items + 't'; }
inline std::string dict(const std::string& items) { return "}(" + items + 'u'; }
inline std::string list(const std::string& items) { return "](" + items + 'e'; }
inline std::string numbers(std::initializer_list<std::int64_t> values) {
  std::string items;
  for (const auto value : values) items += number(value);
  return tuple(items);
}
inline std::string document(const std::string& value) { return "\x80\x02" + value + '.'; }

inline const std::string ordered_dict = global("collections", "OrderedDict") + ")R";
inline const std::string rebuild = global("torch._utils", "_rebuild_tensor_v2");

inline std::string storage(const std::string& key = "0", const std::string& type = "FloatStorage", std::int64_t count = 2) {
  return tuple(text("storage") + global("torch", type) + text(key) + text("cpu") + number(count)) + 'Q';
}
inline std::string tensor(const std::string& storage_, const std::string& offset, const std::string& extents, const std::string& strides) {
  return rebuild + tuple(storage_ + offset + extents + strides + '\x89' + ordered_dict) + 'R';
}
// Two floats, all of storage "0".
inline std::string tensor() { return tensor(storage(), number(0), numbers({2}), numbers({1})); }

}  // namespace pickle

// A .pth in zip form with one storage.
inline std::string pth(const std::string& pickled, const std::string& data = raw({1.0F, 2.0F})) {
  return zip_of({{"archive/data.pkl", pickled}, {"archive/data/0", data}, {"archive/version", "3\n"}});
}
inline std::string pth_with(const std::string& value, const std::string& data = raw({1.0F, 2.0F})) {
  return pth(pickle::document(value), data);
}

// A .pth in legacy form.
inline const std::string legacy_magic = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
inline std::string legacy(const std::string& value, const std::string& keys, const std::string& data) {
  using namespace pickle;
  return legacy_magic + document(number(1001)) + document(dict(text("little_endian") + '\x88')) + document(value) + document(keys) + data;
}

// A .npy array.
inline std::string npy(const std::string& header, const std::string& data = "", char version = 1) {
  const std::string length = version == 1 ? raw(static_cast<std::uint16_t>(header.size())) : raw(static_cast<std::uint32_t>(header.size()));
  return "\x93NUMPY" + std::string{version, '\0'} + length + header + data;
}
inline std::string npy_dict(const std::string& descr, const std::string& shape, const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

}  // namespace tessera::test
