// SPDX-License-Identifier: MIT
#pragma once

// Equal tensors of many images in one file: NumPy's .npy, or safetensors.

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "image_list.hpp"
#include "output.hpp"
#include "tessera/core/error.hpp"
#include "tessera/core/shape.hpp"
#include "tessera/io/write_safetensors.hpp"

// float32, row-major, version 1.0 of the format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
inline void write_npy(const std::string& path, std::span<const float> values, const std::vector<std::int64_t>& extents) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (const std::int64_t extent : extents) header += std::to_string(extent) + ", ";
  header += "), }";
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::string start = "\x93NUMPY\x01";
  start += '\0';
  start += static_cast<char>(header.size() & 255);
  start += static_cast<char>(header.size() >> 8);
  Output output(path, "wb");
  output.write(start + header);
  output.write({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  output.close();
}

// The tensors of the images `paths`, each of the shape, one after another: [images, height, width, channels], or [images, channels] where
// there is one position. With .npy the paths go into PATH.txt, one a line; with safetensors into the metadata `paths`, a JSON array.
inline void write_vectors(const std::string& path, std::span<const float> values, tessera::Shape shape,
                          const std::vector<std::string>& paths) {
  std::vector<std::int64_t> extents{static_cast<std::int64_t>(paths.size()), shape.height, shape.width, shape.channels};
  if (shape.height == 1 && shape.width == 1) extents = {static_cast<std::int64_t>(paths.size()), shape.channels};
  if (lower_extension(path) == ".npy") {
    write_npy(path, values, extents);
    std::string list;
    for (const std::string& name : paths) list += name + '\n';
    Output names(path + ".txt", "w");
    names.write(list);
    names.close();
    return;
  }
  std::string list;
  for (const std::string& name : paths) list += (list.empty() ? "" : ", ") + json_text(name);
  const tessera::TensorEntry entry{"features", tessera::DType::f32, extents, tessera::detail::dense_strides(extents),
                                   std::as_bytes(values)};
  tessera::write_safetensors(path, std::span(&entry, 1), {{"paths", '[' + list + ']'}});
}
