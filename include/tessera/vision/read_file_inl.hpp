// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string>
#include <system_error>

#include "tessera/core/error.hpp"
#include "tessera/core/need_exceptions.hpp"
#include "tessera/vision/read_file.hpp"

namespace tessera::detail {

// A file that is closed when this goes out of scope.
class OpenFile {
 public:
#ifdef _WIN32
  explicit OpenFile(const FilePath& path) : file_(_wfopen(path.native().c_str(), L"rb")) {}
#else
  explicit OpenFile(const FilePath& path) : file_(std::fopen(path.native().c_str(), "rb")) {}
#endif
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (file_ != nullptr) std::fclose(file_);
  }
  std::FILE* get() const { return file_; }

 private:
  std::FILE* file_;
};

TESSERA_COLD_INLINE std::vector<std::byte> read_file(const FilePath& path, std::size_t limit, std::string_view expected) {
  const std::string& name = path.text();
#ifdef _WIN32
  struct _stat64 status;
  const int failed = _wstat64(path.native().c_str(), &status);
#else
  struct stat status;
  const int failed = ::stat(path.native().c_str(), &status);
#endif
  if (failed != 0 && (errno == ENOENT || errno == ENOTDIR))
    fail(ErrorKind::no_such_file, name, ": found no file of that name, expected ", expected);
  if (failed != 0) fail(ErrorKind::system, name, ": found \"", std::generic_category().message(errno), "\", expected ", expected);
  if ((status.st_mode & S_IFMT) == S_IFDIR) fail(ErrorKind::wrong_file_type, name, ": found a directory, expected ", expected);

  std::vector<std::byte> bytes;
  const bool too_big = (status.st_mode & S_IFMT) == S_IFREG && static_cast<std::uint64_t>(status.st_size) > limit;
  if ((status.st_mode & S_IFMT) == S_IFREG && !too_big) bytes.reserve(static_cast<std::size_t>(status.st_size));
  const OpenFile file(path);
  if (file.get() == nullptr && !too_big)
    fail(ErrorKind::system, name, ": found a file that cannot be opened for reading, expected ", expected);

  constexpr std::size_t block = std::size_t{1} << 16;
  for (std::size_t got = block; got == block && !too_big && bytes.size() <= limit;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + block);
    got = std::fread(bytes.data() + before, 1, block, file.get());
    bytes.resize(before + got);
  }
  if (too_big || bytes.size() > limit)
    fail(ErrorKind::wrong_file_type, name, ": found more than ", limit, " bytes, expected ", expected, " no larger than that");
  if (std::ferror(file.get()) != 0)
    fail(ErrorKind::system, name, ": found a read error after ", bytes.size(), " bytes, expected ", expected);
  return bytes;
}

}  // namespace tessera::detail
