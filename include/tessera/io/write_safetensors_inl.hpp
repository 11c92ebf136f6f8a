// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/core/json.hpp"
#include "tessera/io/name_index.hpp"
#include "tessera/io/safetensors.hpp"
#include "tessera/io/write_safetensors.hpp"

#ifdef _WIN32
#include <filesystem>
#endif

namespace tessera {

namespace detail {

// What a writer asks of the file system.
using NativeName = FilePath::Native;
#ifdef _WIN32
TESSERA_COLD_INLINE std::FILE* create_file(const NativeName& name) { return ::_wfopen(name.c_str(), L"wbx"); }
TESSERA_COLD_INLINE bool rename_file(const NativeName& from, const NativeName& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (error) errno = EACCES;
  return !error;
}
TESSERA_COLD_INLINE void remove_file(const NativeName& name) { ::_wremove(name.c_str()); }
#else
TESSERA_COLD_INLINE std::FILE* create_file(const NativeName& name) { return std::fopen(name.c_str(), "wbx"); }
TESSERA_COLD_INLINE bool rename_file(const NativeName& from, const NativeName& to) { return std::rename(from.c_str(), to.c_str()) == 0; }
TESSERA_COLD_INLINE void remove_file(const NativeName& name) { std::remove(name.c_str()); }
#endif

// A file that replaces another when it is complete, and is removed if it never is.
class PartialFile {
 public:
  explicit PartialFile(const FilePath& path);
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  ~PartialFile() { give_up(); }

  void write(const void* data, std::size_t size) { good_ = good_ && std::fwrite(data, 1, size, file_) == size; }
  void finish();

 private:
  void give_up();

  const FilePath& path_;
  NativeName partial_;
  std::FILE* file_ = nullptr;
  bool good_ = true;
};

// A name that no other file has: the time and a count of tries.
TESSERA_COLD_INLINE PartialFile::PartialFile(const FilePath& path) : path_(path) {
  const std::uint64_t start = static_cast<std::uint64_t>(std::time(nullptr)) * 1'000'003 + static_cast<std::uint64_t>(std::clock());
  for (std::uint64_t i = 0; i < 100 && file_ == nullptr; ++i) {
    const std::string ending = ".partial-" + std::to_string(start + i);
    partial_ = path.native() + NativeName(ending.begin(), ending.end());
    file_ = create_file(partial_);
    if (file_ == nullptr && errno != EEXIST) break;
  }
  if (file_ == nullptr) fail(ErrorKind::system, path.text(), ": cannot write: cannot create a file beside it: ", std::strerror(errno));
}

TESSERA_COLD_INLINE void PartialFile::give_up() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  file_ = nullptr;
  remove_file(partial_);
}

TESSERA_COLD_INLINE void PartialFile::finish() {
  std::FILE* const file = file_;
  file_ = nullptr;
  const bool closed = std::fclose(file) == 0;
  if (good_ && closed && rename_file(partial_, path_.native())) return;
  const std::string reason = good_ && closed ? std::strerror(errno) : "no space left, or the device failed";
  remove_file(partial_);
  fail(ErrorKind::system, path_.text(), ": cannot write: ", reason);
}

// Numbers that have to be negated are written as float32.
TESSERA_COLD_INLINE DType stored_type(const TensorEntry& tensor) { return tensor.negated ? DType::f32 : tensor.dtype; }

TESSERA_COLD_INLINE std::string safetensors_header(std::span<const TensorEntry* const> tensors, const Metadata& metadata) {
  std::string text = "{";
  NameIndex names;
  const auto begin = [&](const std::string& name) {
    const std::size_t before = names.size();
    if (names.add(name) != before) fail("found two tensors called ", in_quotes(name), ", expected each name once");
    text += (before == 0 ? "" : ",") + quote_json(name) + ":{";
  };
  const std::string metadata_name = "__metadata__";
  if (!metadata.empty()) {
    begin(metadata_name);
    NameIndex keys;
    const char* separator = "";
    for (const auto& [key, value] : metadata) {
      if (const std::size_t before = keys.size(); keys.add(key) != before)
        fail("found two texts called ", in_quotes(key), " in the metadata");
      text += separator + quote_json(key) + ':' + quote_json(value);
      separator = ",";
    }
    text += '}';
  }
  std::int64_t offset = 0;
  for (const TensorEntry* tensor : tensors) {
    if (tensor->name == metadata_name) fail("found a tensor called ", in_quotes(metadata_name), ", which is the name of the metadata");
    if (tensor->dtype == DType::foreign) fail("found tensor ", in_quotes(tensor->name), " of the type ", tensor->type_name());
    begin(tensor->name);
    text += "\"dtype\":\"" + std::string(name_of(stored_type(*tensor))) + "\",\"shape\":[";
    for (std::size_t axis = 0; axis < tensor->extents.size(); ++axis)
      text += (axis == 0 ? "" : ",") + std::to_string(tensor->extents[axis]);
    text += "],\"data_offsets\":[" + std::to_string(offset) + ',';
    offset += tensor->size() * static_cast<std::int64_t>(size_of(stored_type(*tensor)));
    text += std::to_string(offset) + "]}";
  }
  text += '}';
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

TESSERA_COLD_INLINE void write_elements(PartialFile& file, const TensorEntry& tensor) {
  if (tensor.negated) {
    std::vector<float> numbers(static_cast<std::size_t>(tensor.size()));
    to_float(tensor, numbers);
    return file.write(numbers.data(), numbers.size() * sizeof(float));
  }
  const std::size_t width = size_of(tensor.dtype);
  Rows rows(tensor);
  while (const std::byte* const row = rows.next()) {
    if (rows.step() == static_cast<std::ptrdiff_t>(width)) {
      file.write(row, rows.length() * width);
      continue;
    }
    for (std::size_t i = 0; i < rows.length(); ++i) file.write(row + static_cast<std::ptrdiff_t>(i) * rows.step(), width);
  }
}

}  // namespace detail

TESSERA_COLD_INLINE void write_safetensors(const FilePath& path, std::span<const TensorEntry> given, const Metadata& metadata) {
  std::vector<TensorEntry> tensors(given.begin(), given.end());
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i].dtype != DType::scaled_i8 || given[i].negated) continue;
    tensors[i].dtype = DType::i8;
    tensors.push_back({given[i].name + std::string(detail::scale_ending), DType::f32, {given[i].extents[0]}, {1}, given[i].scales});
  }
  std::vector<const TensorEntry*> order;
  for (const std::size_t width : {8U, 4U, 2U, 1U, 0U})
    for (const TensorEntry& tensor : tensors)
      if (size_of(detail::stored_type(tensor)) == width) order.push_back(&tensor);

  std::string header;
  try {
    header = detail::safetensors_header(order, metadata);
  } catch (const Error& error) {  // a name or text that is not UTF-8, or a name used twice
    detail::fail(path.text(), ": cannot write: ", error.what());
  }
  detail::PartialFile file(path);
  const std::uint64_t header_size = header.size();
  file.write(&header_size, sizeof header_size);
  file.write(header.data(), header.size());
  for (const TensorEntry* tensor : order) detail::write_elements(file, *tensor);
  file.finish();
}

}  // namespace tessera
