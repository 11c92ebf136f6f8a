// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/io/mapped_file.hpp"
#include "tessera/io/name_index.hpp"

// A zip archive in memory, as PyTorch and NumPy write it and as other programs pack it again. zlib unpacks; all else is here.
// Format: APPNOTE.TXT of PKWARE, version 6.3.

namespace tessera::detail {

// What counts is the central directory at the end of the file. Of a local header only the place of the data is taken, because programs
// that write archives in one pass leave sizes and sums out of it. Every offset and size is compared with the file before it is used, and
// no two members may share a byte.
//
// Stored members are used where they lie, which is what makes loading a .pth as cheap as loading a safetensors file. Deflated members are
// unpacked. A small file may claim to unpack to terabytes, so all of them together may have at most 64 MiB + 16 times the size of the
// archive: trained weights hardly shrink.
class ZipArchive {
 public:
  struct Member {
    std::string_view name;  // in the file
    std::uint64_t begin;    // of its local header
    std::uint64_t packed;   // bytes in the file
    std::uint64_t size;     // bytes when unpacked
    std::uint32_t crc;
    std::uint16_t method;  // 0: stored, 8: deflated
    std::uint16_t flags;
    std::uint64_t data;  // where its bytes begin
  };

  // Throws an Error that begins with `name` if the archive is damaged.
  ZipArchive(SharedBytes file, std::string name);
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;
  ~ZipArchive();

  const std::string& name() const { return name_; }
  const SharedBytes& file() const { return file_; }
  // Without folders, in the order of the directory.
  const std::vector<Member>& members() const { return members_; }
  // The member of that name, or null.
  const Member* find(std::string_view name) const;
  // The beginning of a message about a member.
  std::string where(const Member& member) const;

  // The first bytes of a member, at most `longest`. They are not compared with the member's sum.
  std::string peek(const Member& member, std::size_t longest) const;
  // All bytes of a member, compared with its sum (CRC-32). Throws an Error if they are damaged, encrypted or compressed in another way.
  SharedBytes read(const Member& member) { return read(member, unpacked_); }
  // The same with a count of its own of the bytes that were unpacked.
  SharedBytes read(const Member& member, std::uint64_t& unpacked) const;

 private:
  struct Directory {
    std::uint64_t begin, size, count;
  };
  [[noreturn]] void damaged(const std::string& reason) const;
  Directory find_directory() const;
  void read_directory(const Directory& directory);
  void find_data(std::uint64_t directory);
  void check_readable(const Member& member) const;
  std::span<const std::byte> packed_bytes(const Member& member) const;
  std::size_t unpack(const Member& member, std::span<std::byte> to, bool whole) const;

  SharedBytes file_;
  std::string name_;
  std::vector<Member> members_;
  NameIndex names_;  // of members_
  std::uint64_t most_unpacked_ = 0, unpacked_ = 0;
  bool has_sums_ = false;  // torch.serialization.set_crc32_options(False) writes zeros
};

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/io/zip_inl.hpp"
#endif
