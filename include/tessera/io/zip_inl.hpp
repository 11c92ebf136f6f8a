// SPDX-License-Identifier: MIT
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/io/sorted_order.hpp"
#include "tessera/io/tensor_file.hpp"
#include "tessera/io/zip.hpp"

namespace tessera::detail {

inline constexpr std::size_t zip_end_size = 22, zip64_locator_size = 20, zip64_end_size = 56, zip_entry_size = 46, zip_local_size = 30;

// A field of a record that lies within the file.
template <class T>
T zip_field(std::span<const std::byte> record, std::size_t at) {
  return load<T>(record.data() + at);
}

TESSERA_COLD_INLINE bool zip_signature(std::span<const std::byte> bytes, std::uint64_t at, std::size_t size, const char* signature) {
  return at <= bytes.size() && size <= bytes.size() - at && std::memcmp(bytes.data() + at, signature, 4) == 0;
}

TESSERA_COLD_INLINE ZipArchive::ZipArchive(SharedBytes file, std::string name) : file_(std::move(file)), name_(std::move(name)) {
  const Directory directory = find_directory();
  read_directory(directory);
  find_data(directory.begin);
  most_unpacked_ = (std::uint64_t{64} << 20) + 16 * std::uint64_t{file_.bytes.size()};
}

TESSERA_COLD_INLINE ZipArchive::~ZipArchive() = default;

TESSERA_COLD_INLINE void ZipArchive::damaged(const std::string& reason) const {
  fail(ErrorKind::damaged, name_, ": found a damaged zip archive: ", reason);
}

TESSERA_COLD_INLINE std::string ZipArchive::where(const Member& member) const { return name_ + ": member " + quote(member.name); }

TESSERA_COLD_INLINE ZipArchive::Directory ZipArchive::find_directory() const {
  const std::span<const std::byte> bytes = file_.bytes;
  // The end record stands before the archive's comment, which has at most 65535 bytes.
  std::size_t end = bytes.size();
  for (std::size_t back = zip_end_size; back <= bytes.size() && back <= zip_end_size + 0xffff && end == bytes.size(); ++back) {
    const std::size_t at = bytes.size() - back;
    if (zip_signature(bytes, at, zip_end_size, "PK\5\6") && zip_field<std::uint16_t>(bytes, at + 20) == back - zip_end_size) end = at;
  }
  if (end == bytes.size()) damaged("no end record is at its end");

  const auto record = bytes.subspan(end);
  Directory directory{zip_field<std::uint32_t>(record, 16), zip_field<std::uint32_t>(record, 12), zip_field<std::uint16_t>(record, 10)};
  std::uint64_t limit = end;
  // Zip64: a locator before the end record says where another one with wider fields is.
  if (end >= zip64_locator_size && zip_signature(bytes, end - zip64_locator_size, zip64_locator_size, "PK\6\7")) {
    const auto at = zip_field<std::uint64_t>(bytes, end - zip64_locator_size + 8);
    if (!zip_signature(bytes, at, zip64_end_size, "PK\6\6") || at > end - zip64_locator_size)
      damaged("its zip64 end record is not where the locator says");
    const auto wide = bytes.subspan(static_cast<std::size_t>(at));
    directory = {zip_field<std::uint64_t>(wide, 48), zip_field<std::uint64_t>(wide, 40), zip_field<std::uint64_t>(wide, 32)};
    limit = at;
  } else if (zip_field<std::uint16_t>(record, 4) != 0 || zip_field<std::uint16_t>(record, 8) != zip_field<std::uint16_t>(record, 10)) {
    damaged("it is one part of several");
  }
  if (directory.begin > limit || directory.size != limit - directory.begin) damaged("its directory does not end at the end record");
  if (directory.count > directory.size / zip_entry_size) damaged("its directory is too short for the members that it should have");
  return directory;
}

TESSERA_COLD_INLINE void ZipArchive::read_directory(const Directory& directory) {
  auto rest = file_.bytes.subspan(static_cast<std::size_t>(directory.begin), static_cast<std::size_t>(directory.size));
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    if (!zip_signature(rest, 0, zip_entry_size, "PK\1\2")) damaged("its directory has no entry where one should be");
    const std::size_t name_size = zip_field<std::uint16_t>(rest, 28), extra_size = zip_field<std::uint16_t>(rest, 30);
    const std::size_t size = zip_entry_size + name_size + extra_size + zip_field<std::uint16_t>(rest, 32);
    if (size > rest.size()) damaged("an entry is longer than its directory");

    Member member{std::string_view(reinterpret_cast<const char*>(rest.data()) + zip_entry_size, name_size),
                  zip_field<std::uint32_t>(rest, 42),
                  zip_field<std::uint32_t>(rest, 20),
                  zip_field<std::uint32_t>(rest, 24),
                  zip_field<std::uint32_t>(rest, 16),
                  zip_field<std::uint16_t>(rest, 10),
                  zip_field<std::uint16_t>(rest, 8),
                  0};
    // Zip64: the fields that are all ones stand in an extra field, in this order.
    std::uint64_t* const wide[] = {&member.size, &member.packed, &member.begin};
    auto extra = rest.subspan(zip_entry_size + name_size, extra_size);
    while (extra.size() >= 4) {
      const std::size_t length = std::min<std::size_t>(zip_field<std::uint16_t>(extra, 2), extra.size() - 4);
      auto values = extra.subspan(4, length);
      if (zip_field<std::uint16_t>(extra, 0) == 1)
        for (std::uint64_t* const field : wide)
          if (*field == 0xffffffff && values.size() >= 8) {
            *field = zip_field<std::uint64_t>(values, 0);
            values = values.subspan(8);
          }
      extra = extra.subspan(4 + length);
    }
    rest = rest.subspan(size);
    has_sums_ = has_sums_ || member.crc != 0;
    members_.push_back(member);
  }
  if (!rest.empty()) damaged("its directory has more members than it says");
}

TESSERA_COLD_INLINE void ZipArchive::find_data(std::uint64_t directory) {
  for (Member& member : members_) {
    if (member.begin > directory || !zip_signature(file_.bytes, member.begin, zip_local_size, "PK\3\4"))
      damaged("member " + quote(member.name) + " has no local header where the directory says");
    const auto header = file_.bytes.subspan(static_cast<std::size_t>(member.begin));
    member.data = member.begin + zip_local_size + zip_field<std::uint16_t>(header, 26) + zip_field<std::uint16_t>(header, 28);
    if (member.data > directory || member.packed > directory - member.data)
      damaged("member " + quote(member.name) + " ends beyond the members");
  }
  const auto earlier = [](const void* members, std::uint32_t a, std::uint32_t b) {
    return static_cast<const Member*>(members)[a].begin < static_cast<const Member*>(members)[b].begin;
  };
  const std::vector<std::uint32_t> order = sorted_order(members_.size(), earlier, members_.data());
  for (std::size_t i = 1; i < order.size(); ++i) {
    const Member &before = members_[order[i - 1]], &after = members_[order[i]];
    if (before.data + before.packed > after.begin) damaged("members " + quote(before.name) + " and " + quote(after.name) + " overlap");
  }
  std::size_t kept = 0;
  for (const Member& member : members_) {
    if (member.name.ends_with('/')) continue;
    if (names_.add(member.name) != kept) fail(ErrorKind::damaged, where(member), ": found twice, expected each name once");
    members_[kept++] = member;
  }
  members_.resize(kept);
}

TESSERA_COLD_INLINE const ZipArchive::Member* ZipArchive::find(std::string_view name) const {
  const std::size_t place = names_.find(name);
  return place == NameIndex::none ? nullptr : &members_[place];
}

TESSERA_COLD_INLINE void ZipArchive::check_readable(const Member& member) const {
  if ((member.flags & 1) != 0) fail(ErrorKind::damaged, where(member), ": found an encrypted member");
  if (member.method != 0 && member.method != 8)
    fail(ErrorKind::damaged, where(member), ": found compression method ", member.method, ", expected 0 (stored) or 8 (deflated)");
  if (member.method == 0 && member.packed != member.size)
    fail(ErrorKind::damaged, where(member), ": found ", member.packed, " stored bytes for a size of ", member.size);
}

TESSERA_COLD_INLINE std::span<const std::byte> ZipArchive::packed_bytes(const Member& member) const {
  return file_.bytes.subspan(static_cast<std::size_t>(member.data), static_cast<std::size_t>(member.packed));
}

// How many bytes came out. If the whole member is asked for, its packed data must end with them.
TESSERA_COLD_INLINE std::size_t ZipArchive::unpack(const Member& member, std::span<std::byte> to, bool whole) const {
  struct Stream : z_stream {
    Stream() : z_stream{} {}
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { inflateEnd(this); }
  } stream;
  if (inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, static_cast<int>(sizeof(z_stream))) != Z_OK)
    fail(ErrorKind::damaged, where(member), ": found no memory to unpack it");
  std::span<const std::byte> from = packed_bytes(member);
  constexpr std::size_t most = std::size_t{1} << 30;  // zlib counts in 32 bits
  std::size_t done = 0;
  std::byte spare{};  // room for one byte too many
  int status = Z_OK;
  while (status == Z_OK) {
    const std::size_t in = std::min(from.size(), most);
    const bool full = done == to.size();
    const std::size_t room = full ? 1 : std::min(to.size() - done, most);
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(from.data()));
    stream.avail_in = static_cast<uInt>(in);
    stream.next_out = reinterpret_cast<Bytef*>(full ? &spare : to.data() + done);
    stream.avail_out = static_cast<uInt>(room);
    status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t made = room - stream.avail_out;
    from = from.subspan(in - stream.avail_in);
    if (full && made != 0) fail(ErrorKind::damaged, where(member), ": found damaged data: it is longer than the archive says");
    done += made;
    if (!whole && done == to.size()) return done;
  }
  if (status != Z_STREAM_END)
    fail(ErrorKind::damaged, where(member),
         ": found damaged data: ", status == Z_BUF_ERROR ? "it ends before its last block" : "it cannot be unpacked");
  if (done != to.size() && whole) fail(ErrorKind::damaged, where(member), ": found damaged data: it is shorter than the archive says");
  return done;
}

TESSERA_COLD_INLINE std::string ZipArchive::peek(const Member& member, std::size_t longest) const {
  check_readable(member);
  std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(member.size, longest)), '\0');
  if (text.empty()) return text;
  if (member.method == 0)
    std::memcpy(text.data(), packed_bytes(member).data(), text.size());
  else
    text.resize(unpack(member, std::as_writable_bytes(std::span<char>(text)), false));
  return text;
}

TESSERA_COLD_INLINE SharedBytes ZipArchive::read(const Member& member, std::uint64_t& unpacked) const {
  check_readable(member);
  SharedBytes result{packed_bytes(member), file_.owner};
  if (member.method != 0) {
    const std::uint64_t left = most_unpacked_ - unpacked;
    if (member.size > left)
      fail(ErrorKind::damaged, where(member), ": found ", member.size, " bytes when unpacked, expected at most ", left,
           " more from this archive");
    unpacked += member.size;
    const auto size = static_cast<std::size_t>(member.size);
    const std::shared_ptr<std::byte[]> memory(new std::byte[size]);
    unpack(member, {memory.get(), size}, true);
    result = {{memory.get(), size}, memory};
  }
  if (!has_sums_) return result;
  std::span<const std::byte> rest = result.bytes;
  uLong sum = 0;
  while (!rest.empty()) {
    const auto part = rest.first(std::min(rest.size(), std::size_t{1} << 30));
    sum = ::crc32(sum, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(part.size()));
    rest = rest.subspan(part.size());
  }
  if (sum != member.crc)
    fail(ErrorKind::damaged, where(member), ": found damaged data: CRC error, its sum is not the one that the archive says");
  return result;
}

}  // namespace tessera::detail
