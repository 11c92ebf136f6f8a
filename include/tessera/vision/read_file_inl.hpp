// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

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

[[noreturn]] TESSERA_COLD_INLINE void fail_reading(ErrorKind kind, const std::string& name, std::string_view found,
                                                   std::string_view expected, std::string_view end = {}) {
  fail(kind, name, ": found ", found, ", expected ", expected, end);
}

TESSERA_COLD_INLINE std::vector<std::byte> read_file(const FilePath& path, std::size_t limit, std::string_view expected) {
  const std::string& name = path.text();
#ifdef _WIN32
  struct _stat64 status;
  const int failed = _wstat64(path.native().c_str(), &status);
#else
  struct stat status;
  const int failed = ::stat(path.native().c_str(), &status);
#endif
  if (failed != 0 && (errno == ENOENT || errno == ENOTDIR)) fail_reading(ErrorKind::no_such_file, name, "no file of that name", expected);
  if (failed != 0) fail_reading(ErrorKind::system, name, concat("\"", std::strerror(errno), "\""), expected);
  if ((status.st_mode & S_IFMT) == S_IFDIR) fail_reading(ErrorKind::wrong_file_type, name, "a directory", expected);

  const bool regular = (status.st_mode & S_IFMT) == S_IFREG;
  bool too_big = regular && static_cast<std::uint64_t>(status.st_size) > limit;
  std::vector<std::byte> bytes;
  std::size_t size = 0;
  if (!too_big) {
    const OpenFile file(path);
    if (file.get() == nullptr) fail_reading(ErrorKind::system, name, "a file that cannot be opened for reading", expected);
    // One byte more than the file has, so that its end is seen.
    bytes.resize(regular ? static_cast<std::size_t>(status.st_size) + 1 : std::size_t{1} << 16);
    while (size <= limit) {
      if (size == bytes.size()) bytes.resize(2 * size);
      const std::size_t got = std::fread(bytes.data() + size, 1, bytes.size() - size, file.get());
      if (got == 0) break;
      size += got;
    }
    if (std::ferror(file.get()) != 0) fail_reading(ErrorKind::system, name, concat("a read error after ", size, " bytes"), expected);
    too_big = size > limit;
  }
  if (too_big) fail_reading(ErrorKind::wrong_file_type, name, concat("more than ", limit, " bytes"), expected, " no larger than that");
  bytes.resize(size);
  return bytes;
}

}  // namespace tessera::detail
