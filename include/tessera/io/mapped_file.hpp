// SPDX-License-Identifier: MIT
#pragma once

// A whole file as read-only memory, shared by everything that points into it.
//
// Where POSIX mmap exists the file is mapped: weights are paged in when they are first read, and processes share them.
// Elsewhere it is read into memory; the choice is made here and nowhere else. A mapped file must not be truncated by
// another program while it is in use: the system then ends this process.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <system_error>

#include "tessera/core/error.hpp"

#if __has_include(<sys/mman.h>)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#else
#include <fstream>
#include <vector>
#endif

namespace tessera {

// Bytes and whatever keeps them alive. Copies share.
struct SharedBytes {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
  // Gives back the memory of some of the bytes until they are read again; null where they have no other place.
  void (*release)(const void* data, std::size_t bytes) = nullptr;
};

namespace detail {

inline void check_file_size(const std::string& path, std::uintmax_t size) {
  if (size == 0) fail(path, ": found an empty file, expected at least one byte");
  if (size > static_cast<std::uintmax_t>(std::numeric_limits<std::ptrdiff_t>::max()))
    fail(path, ": found ", size, " bytes, expected a file that fits in memory");
}

#if __has_include(<sys/mman.h>)

// Whole pages only: what shares a page with other bytes stays.
inline void release_pages(const void* data, std::size_t bytes) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<std::uintptr_t>(data);
  const std::uintptr_t begin = (first + page - 1) / page * page, end = (first + bytes) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

inline SharedBytes map_regular_file(const std::string& path) {
  const auto system_message = [] { return std::system_category().message(errno); };
  struct Descriptor {
    int number;
    ~Descriptor() {
      if (number >= 0) ::close(number);
    }
  };
  // O_NONBLOCK: opening a pipe must not wait for a writer.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) fail(path, ": cannot open: ", system_message());

  struct ::stat status{};
  if (::fstat(file.number, &status) != 0) fail(path, ": cannot inspect: ", system_message());
  if (S_ISDIR(status.st_mode)) fail(path, ": found a directory, expected a file");
  if (!S_ISREG(status.st_mode)) fail(path, ": found a pipe, socket or device, expected a regular file");
  check_file_size(path, static_cast<std::uintmax_t>(status.st_size));

  const auto size = static_cast<std::size_t>(status.st_size);
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (start == MAP_FAILED) fail(path, ": cannot map ", size, " bytes: ", system_message());
  std::shared_ptr<const void> owner(start, [size](const void* p) { ::munmap(const_cast<void*>(p), size); });
  return {{static_cast<const std::byte*>(start), size}, std::move(owner), release_pages};
}

#else

inline SharedBytes map_regular_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    fail(path, ": cannot open: ", (error ? error : std::make_error_code(std::errc::no_such_file_or_directory)).message());
  if (std::filesystem::is_directory(status)) fail(path, ": found a directory, expected a file");
  if (!std::filesystem::is_regular_file(status)) fail(path, ": found a pipe, socket or device, expected a regular file");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) fail(path, ": cannot inspect: ", error.message());
  check_file_size(path, size);

  auto contents = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(size));
  std::ifstream in(path, std::ios::binary);
  if (!in.read(reinterpret_cast<char*>(contents->data()), static_cast<std::streamsize>(size))) fail(path, ": cannot read ", size, " bytes");
  return {*contents, contents};
}

#endif

}  // namespace detail

inline SharedBytes map_file(const std::filesystem::path& path) { return detail::map_regular_file(path.string()); }

}  // namespace tessera
