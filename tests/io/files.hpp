// SPDX-License-Identifier: MIT
#pragma once

// What the tests of io/ share: files made in memory or in a temporary folder, the message of a failure, the golden fixtures.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../temporary_folder.hpp"
#include "tessera/core/error.hpp"
#include "tessera/io/mapped_file.hpp"
#include "tessera/io/tensor_file.hpp"

#ifndef TESSERA_TEST_DATA
#define TESSERA_TEST_DATA "tests/data"
#endif
#ifndef TESSERA_SHARED_DIR
#define TESSERA_SHARED_DIR "../shared"
#endif

namespace tessera::test {

// A copy in memory of exactly this size, so that a sanitizer sees the first byte read beyond it.
inline SharedBytes shared(std::string_view bytes) {
  std::shared_ptr<std::byte[]> copy(new std::byte[bytes.size()]);
  if (!bytes.empty()) std::memcpy(copy.get(), bytes.data(), bytes.size());
  return {{copy.get(), bytes.size()}, copy};
}

// The bytes of a number as they stand in a file.
template <class T>
std::string raw(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}
template <class T>
std::string raw(std::initializer_list<T> values) {
  std::string bytes;
  for (const T value : values) bytes += raw(value);
  return bytes;
}

inline std::string safetensors(const std::string& header, const std::string& data = "") {
  return raw(std::uint64_t{header.size()}) + header + data;
}

// The message of the tessera::Error that `action` throws; "" if it throws none.
template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The folder of small files that are kept with the tests.
inline std::filesystem::path data(const std::string& name) { return std::filesystem::path(TESSERA_TEST_DATA) / "io" / name; }

// A file of the shared folder, or nothing, said aloud, where the folder is not at hand ($TESSERA_SHARED names it).
inline std::optional<std::filesystem::path> shared_file(const std::string& name) {
  const char* const folder = std::getenv("TESSERA_SHARED");
  const std::filesystem::path path = std::filesystem::path(folder != nullptr ? folder : TESSERA_SHARED_DIR) / name;
  if (std::filesystem::exists(path)) return path;
  std::cout << "skipped: no " << path.string() << " (set TESSERA_SHARED)\n";
  return std::nullopt;
}
inline std::optional<std::filesystem::path> golden(const std::string& name) { return shared_file("golden/" + name); }

inline std::vector<float> floats(const TensorEntry& tensor) {
  std::vector<float> values(static_cast<std::size_t>(tensor.size()));
  to_float(tensor, values);
  return values;
}

// Bit for bit, so that a NaN equals itself and the zeros differ.
inline bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

}  // namespace tessera::test
