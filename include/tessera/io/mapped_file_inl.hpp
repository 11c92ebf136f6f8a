// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "tessera/core/error.hpp"
#include "tessera/io/mapped_file.hpp"

#ifdef _WIN32
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
// WASI cannot map files: they are read. Its <sys/mman.h> does not compile.
#ifdef __wasi__
#include <vector>
#else
#include <sys/mman.h>
#endif
#endif

namespace tessera {

namespace detail {

TESSERA_COLD_INLINE void check_file_size(const std::string& path, std::uintmax_t size) {
  if (size == 0) fail(ErrorKind::damaged, path, ": found an empty file, expected at least one byte");
  if (size > static_cast<std::uintmax_t>(std::numeric_limits<std::ptrdiff_t>::max()))
    fail(ErrorKind::system, path, ": found ", size, " bytes, expected a file that fits in memory");
}

#ifndef _WIN32

struct FileDescriptor {
  int number;
  ~FileDescriptor() {
    if (number >= 0) ::close(number);
  }
};

// The first `size` bytes of an open file.
#ifdef __wasi__

TESSERA_COLD_INLINE SharedBytes file_bytes(int file, std::size_t size, const std::string& path) {
  auto contents = std::make_shared<std::vector<std::byte>>(size);
  for (std::size_t done = 0; done < size;) {
    const auto now = ::read(file, contents->data() + done, size - done);
    if (now < 0) fail(ErrorKind::system, path, ": cannot read ", size, " bytes: ", std::strerror(errno));
    if (now == 0) fail(ErrorKind::damaged, path, ": found ", done, " bytes, expected ", size);
    done += static_cast<std::size_t>(now);
  }
  return {*contents, contents};
}

#else

// Whole pages only: what shares a page with other bytes stays.
inline void release_pages(const void* data, std::size_t bytes) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<std::uintptr_t>(data);
  const std::uintptr_t begin = (first + page - 1) / page * page, end = (first + bytes) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

struct Unmap {
  std::size_t size;
  void operator()(const void* start) const { ::munmap(const_cast<void*>(start), size); }
};

TESSERA_COLD_INLINE SharedBytes file_bytes(int file, std::size_t size, const std::string& path) {
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (start == MAP_FAILED) fail(ErrorKind::system, path, ": cannot map ", size, " bytes: ", std::strerror(errno));
  return {{static_cast<const std::byte*>(start), size}, std::shared_ptr<const void>(start, Unmap{size}), release_pages};
}

#endif
#endif

}  // namespace detail

#ifndef _WIN32

TESSERA_COLD_INLINE SharedBytes map_file(const FilePath& path) {
  using detail::fail;
  const std::string& name = path.text();
  // O_NONBLOCK: opening a pipe must not wait for a writer.
  const detail::FileDescriptor file{::open(path.native().c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) fail(errno == ENOENT ? ErrorKind::no_such_file : ErrorKind::system, name, ": cannot open: ", std::strerror(errno));

  struct ::stat status{};
  if (::fstat(file.number, &status) != 0) fail(ErrorKind::system, name, ": cannot inspect: ", std::strerror(errno));
  if (S_ISDIR(status.st_mode)) fail(ErrorKind::wrong_file_type, name, ": found a directory, expected a file");
  if (!S_ISREG(status.st_mode)) fail(ErrorKind::wrong_file_type, name, ": found a pipe, socket or device, expected a regular file");
  detail::check_file_size(name, static_cast<std::uintmax_t>(status.st_size));

  return detail::file_bytes(file.number, static_cast<std::size_t>(status.st_size), name);
}

#else

TESSERA_COLD_INLINE SharedBytes map_file(const FilePath& file) {
  using detail::fail;
  const std::string& name = file.text();
  const std::filesystem::path path(file.native());
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    fail(ErrorKind::no_such_file, name,
         ": cannot open: ", (error ? error : std::make_error_code(std::errc::no_such_file_or_directory)).message());
  if (std::filesystem::is_directory(status)) fail(ErrorKind::wrong_file_type, name, ": found a directory, expected a file");
  if (!std::filesystem::is_regular_file(status))
    fail(ErrorKind::wrong_file_type, name, ": found a pipe, socket or device, expected a regular file");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) fail(ErrorKind::system, name, ": cannot inspect: ", error.message());
  detail::check_file_size(name, size);

  auto contents = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(size));
  std::ifstream in(path, std::ios::binary);
  if (!in.read(reinterpret_cast<char*>(contents->data()), static_cast<std::streamsize>(size)))
    fail(ErrorKind::system, name, ": cannot read ", size, " bytes");
  return {*contents, contents};
}

#endif

}  // namespace tessera
