// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tessera/core/compiled.hpp"
#include "tessera/io/tensor_file.hpp"

// The header of a NumPy array file (.npy):
//
//     \x93NUMPY | version | length | {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } and spaces | data
//
// It is a Python dict literal; this reads the three entries in any order and nothing else.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

namespace tessera::detail {

struct NpyHeader {
  DType dtype = DType::f32;
  std::string descr;        // as it stands in the file
  bool big_endian = false;  // and more than one byte wide
  Extents extents;
  Extents strides;
  std::size_t data = 0;  // where the data begins
  std::size_t size = 0;  // bytes of data; unknown (0) for a foreign type
};

// No array of numbers needs a longer one.
inline constexpr std::size_t npy_header_cap = 4096;

// `text` is the start of the file: npy_header_cap bytes, or the whole of it. Texts, records, complex numbers and Python objects are
// foreign types. Throws an Error that begins with `place`.
NpyHeader parse_npy_header(std::string_view text, const std::string& place);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/io/npy_inl.hpp"
#endif
