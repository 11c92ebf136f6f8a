// SPDX-License-Identifier: MIT
#pragma once

// Writes tensors and text metadata as a safetensors file (the format is described in safetensors.hpp).
//
// The file appears under its name only when it is complete: it is written beside it and renamed. Tensors with wide elements come
// first, so that every tensor is aligned to its element; the header is padded to a multiple of 8.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

namespace detail {

inline std::string safetensors_header(std::span<const TensorEntry* const> tensors, const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::unordered_set<std::string> names{"__metadata__"};
  std::int64_t offset = 0;
  for (const TensorEntry* tensor : tensors) {
    if (!names.insert(tensor->name).second) fail("found two tensors called ", quote(tensor->name), ", expected each name once");
    const std::int64_t begin = offset;
    offset += tensor->size() * static_cast<std::int64_t>(size_of(tensor->dtype));
    // Not by operator[]: an ordered object looks through all its keys.
    header.get_ref<nlohmann::ordered_json::object_t&>().emplace_back(
        tensor->name,
        nlohmann::ordered_json{{"dtype", name_of(tensor->dtype)}, {"shape", tensor->extents}, {"data_offsets", {begin, offset}}});
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

inline void write_elements(std::ostream& out, const TensorEntry& tensor) {
  const auto write = [&out](const std::byte* p, std::size_t n) {
    out.write(reinterpret_cast<const char*>(p), static_cast<std::streamsize>(n));
  };
  const std::size_t width = size_of(tensor.dtype);
  if (tensor.contiguous())
    write(tensor.bytes.data(), static_cast<std::size_t>(tensor.size()) * width);
  else
    for_each_element(tensor, [&](const std::byte* p) { write(p, width); });
}

}  // namespace detail

inline void write_safetensors(const std::filesystem::path& path, std::span<const TensorEntry> tensors,
                              const std::map<std::string, std::string>& metadata = {}) {
  std::vector<const TensorEntry*> order;
  for (const TensorEntry& tensor : tensors) order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return size_of(a->dtype) > size_of(b->dtype); });

  const auto fail = [&path](const auto&... reason) { detail::fail(path.string(), ": cannot write: ", reason...); };
  std::string header;
  try {
    header = detail::safetensors_header(order, metadata);
  } catch (const std::exception& error) {  // a name or text that is not UTF-8, or a name used twice
    fail(error.what());
  }
  if (std::error_code ignored; std::filesystem::is_directory(path, ignored)) fail("it is a directory");

  std::filesystem::path partial = path;
  partial += ".partial-" + std::to_string(std::random_device{}());
  std::ofstream out(partial, std::ios::binary);
  if (!out) fail("cannot create ", partial.string());
  const std::uint64_t header_size = header.size();
  out.write(reinterpret_cast<const char*>(&header_size), 8);
  out << header;
  for (const TensorEntry* tensor : order) detail::write_elements(out, *tensor);
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(partial, path, error);
  if (!out || error) {
    const std::string reason = error ? error.message() : "no space left, or the device failed";
    std::filesystem::remove(partial, error);
    fail(reason);
  }
}

}  // namespace tessera
