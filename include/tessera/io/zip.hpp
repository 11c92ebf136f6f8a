// SPDX-License-Identifier: MIT
#pragma once

// A zip archive in memory, read through libzip.
//
// Stored members are used where they lie, which is what makes loading a .pth as cheap as loading a safetensors file. libzip does
// not say where that is, but it reads the archive through ReadPlace below, which remembers from where it was asked for the
// member's first byte; comparing the rest, while libzip checks the sum of the member (CRC-32), makes sure.
//
// Deflated members are unpacked. A small file may claim to unpack to terabytes, so all of them together may have at most
// 64 MiB + 16 times the size of the archive: trained weights hardly shrink. https://libzip.org

#include <zip.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/io/mapped_file.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera::detail {

// libzip's view of the archive's bytes.
struct ReadPlace {
  std::span<const std::byte> bytes;
  std::uint64_t position = 0;
  std::uint64_t last_read = 0;  // where the last read began
  zip_error_t error{};

  static zip_int64_t serve(void* self, void* data, zip_uint64_t size, zip_source_cmd_t command) {
    return static_cast<ReadPlace*>(self)->serve(data, size, command);
  }
  zip_int64_t serve(void* data, zip_uint64_t size, zip_source_cmd_t command) {
    switch (command) {
      case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_SEEKABLE;
      case ZIP_SOURCE_OPEN:
        position = 0;
        return 0;
      case ZIP_SOURCE_READ: {
        const std::uint64_t n = std::min<std::uint64_t>(size, bytes.size() - position);
        if (n > 0) std::memcpy(data, bytes.data() + position, n);
        last_read = std::exchange(position, position + n);
        return static_cast<zip_int64_t>(n);
      }
      case ZIP_SOURCE_SEEK: {
        const zip_int64_t to = zip_source_seek_compute_offset(position, bytes.size(), data, size, &error);
        if (to < 0) return -1;
        position = static_cast<std::uint64_t>(to);
        return 0;
      }
      case ZIP_SOURCE_TELL:
        return static_cast<zip_int64_t>(position);
      case ZIP_SOURCE_STAT: {
        auto* const status = static_cast<zip_stat_t*>(data);
        zip_stat_init(status);
        status->size = bytes.size();
        status->valid |= ZIP_STAT_SIZE;
        return sizeof(zip_stat_t);
      }
      case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&error, data, size);
      default:  // close, free: nothing is owned here
        return 0;
    }
  }
};

class ZipArchive {
 public:
  struct Member {
    std::string name;
    std::uint64_t index;
    std::uint64_t size;  // unpacked
    bool stored;
  };

  ZipArchive(SharedBytes file, std::string name) : file_(std::move(file)), name_(std::move(name)), place_(new ReadPlace{file_.bytes}) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* const source = zip_source_function_create(&ReadPlace::serve, place_.get(), &error);
    if (source != nullptr) archive_.reset(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));
    if (!archive_) {
      const std::string reason = zip_error_strerror(&error);
      if (source != nullptr) zip_source_free(source);
      zip_error_fini(&error);
      fail(name_, ": found a damaged zip archive: ", reason);
    }
    const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
    for (zip_int64_t i = 0; i < count; ++i) add_member(static_cast<std::uint64_t>(i));
    budget_ = (std::uint64_t{64} << 20) + 16 * std::uint64_t{file_.bytes.size()};
  }

  const std::string& name() const { return name_; }
  const SharedBytes& file() const { return file_; }
  const std::vector<Member>& members() const { return members_; }
  const Member* find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &members_[found->second];
  }
  std::string where(const Member& member) const { return name_ + ": member " + quote(member.name); }

  // The first bytes of a member, at most `longest`.
  std::string peek(const Member& member, std::size_t longest) {
    std::string text(std::min<std::uint64_t>(member.size, longest), '\0');
    const Open open = start(member);
    text.resize(next(member, open, text));
    return text;
  }

  SharedBytes read(const Member& member) { return member.stored ? read_stored(member) : unpack(member); }

 private:
  struct CloseArchive {
    void operator()(zip_t* archive) const { zip_discard(archive); }
  };
  struct CloseMember {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
  };
  using Open = std::unique_ptr<zip_file_t, CloseMember>;

  void add_member(std::uint64_t index) {
    zip_stat_t status;
    constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(archive_.get(), index, ZIP_FL_ENC_RAW, &status) != 0 || (status.valid & needed) != needed)
      fail(name_, ": found no description of zip member ", index);
    Member member{status.name, index, status.size, status.comp_method == ZIP_CM_STORE};
    if (status.encryption_method != ZIP_EM_NONE) fail(where(member), ": found an encrypted member");
    if (!member.stored && status.comp_method != ZIP_CM_DEFLATE)
      fail(where(member), ": found compression method ", status.comp_method, ", expected 0 (stored) or 8 (deflated)");
    if (member.stored && status.comp_size != status.size)
      fail(where(member), ": found ", status.comp_size, " stored bytes for a size of ", status.size);
    if (!by_name_.emplace(member.name, members_.size()).second) fail(where(member), ": found twice, expected each name once");
    members_.push_back(std::move(member));
  }

  [[noreturn]] void damaged(const Member& member, const char* reason) const { fail(where(member), ": found damaged data: ", reason); }

  Open start(const Member& member) {
    Open open(zip_fopen_index(archive_.get(), member.index, 0));
    if (!open) damaged(member, zip_strerror(archive_.get()));
    return open;
  }
  // Reads until `to` is full or the member ends.
  template <class Bytes>
  std::size_t next(const Member& member, const Open& open, Bytes& to) {
    std::size_t done = 0;
    while (done < to.size()) {
      const zip_int64_t n = zip_fread(open.get(), to.data() + done, to.size() - done);
      if (n < 0) damaged(member, zip_file_strerror(open.get()));
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }
  void expect_end(const Member& member, const Open& open) {
    std::array<char, 1> more;  // libzip compares the sum when it meets the end
    if (next(member, open, more) != 0) damaged(member, "it is longer than the archive says");
  }

  SharedBytes read_stored(const Member& member) {
    if (member.size == 0) return {{}, file_.owner};
    const Open open = start(member);
    std::array<std::byte, 1> first;
    if (next(member, open, first) != 1) damaged(member, "it is empty");
    const std::uint64_t begin = place_->last_read;
    if (begin > file_.bytes.size() || member.size > file_.bytes.size() - begin) damaged(member, "it ends beyond the file");
    const auto bytes = file_.bytes.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(member.size));

    bool same = bytes[0] == first[0];
    std::vector<std::byte> chunk(std::size_t{1} << 16);
    for (std::size_t done = 1; done < bytes.size();) {
      const std::size_t n = next(member, open, chunk);
      if (n == 0 || n > bytes.size() - done) damaged(member, "its size is not the one that the archive says");
      same = same && std::memcmp(chunk.data(), bytes.data() + done, n) == 0;
      done += n;
    }
    expect_end(member, open);
    if (!same) damaged(member, "it does not lie in one piece");
    return {bytes, file_.owner};
  }

  SharedBytes unpack(const Member& member) {
    if (member.size > budget_)
      fail(where(member), ": found ", member.size, " bytes when unpacked, expected at most ", budget_, " more from this archive");
    budget_ -= member.size;
    const auto size = static_cast<std::size_t>(member.size);
    const std::shared_ptr<std::byte[]> memory(new std::byte[size]);
    std::span<std::byte> bytes(memory.get(), size);
    const Open open = start(member);
    if (next(member, open, bytes) != size) damaged(member, "it is shorter than the archive says");
    expect_end(member, open);
    return {bytes, memory};
  }

  SharedBytes file_;
  std::string name_;
  std::unique_ptr<ReadPlace> place_;  // outlives the archive
  std::unique_ptr<zip_t, CloseArchive> archive_;
  std::vector<Member> members_;
  std::unordered_map<std::string, std::size_t> by_name_;
  std::uint64_t budget_ = 0;
};

}  // namespace tessera::detail
