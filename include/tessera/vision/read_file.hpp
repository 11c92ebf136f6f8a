// SPDX-License-Identifier: MIT
#pragma once

// A whole file in memory, with a limit on its size. Pipes and other files that do not know their size are read to their end.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tessera/core/error.hpp"

namespace tessera::detail {

// Throws if there is no such file, it cannot be read, or has more than `limit` bytes. `expected` ends the message: "a JPEG or PNG file".
inline std::vector<std::byte> read_file(const std::filesystem::path& path, std::size_t limit, std::string_view expected) {
  const std::string name = path.string();
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::status_known(status)) fail(name, ": found \"", error.message(), "\", expected ", expected);
  if (!std::filesystem::exists(status)) fail(name, ": found no file of that name, expected ", expected);
  if (std::filesystem::is_directory(status)) fail(name, ": found a directory, expected ", expected);

  const auto too_big = [&] { fail(name, ": found more than ", limit, " bytes, expected ", expected, " no larger than that"); };
  std::vector<std::byte> bytes;
  if (std::filesystem::is_regular_file(status)) {
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (!error && size > limit) too_big();
    if (!error) bytes.reserve(static_cast<std::size_t>(size));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(name, ": found a file that cannot be opened for reading, expected ", expected);
  std::vector<char> block(std::size_t{1} << 16);
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto got = std::as_bytes(std::span(block).first(static_cast<std::size_t>(in.gcount())));
    if (got.size() > limit - bytes.size()) too_big();
    bytes.insert(bytes.end(), got.begin(), got.end());
  }
  if (in.bad()) fail(name, ": found a read error after ", bytes.size(), " bytes, expected ", expected);
  return bytes;
}

}  // namespace tessera::detail
