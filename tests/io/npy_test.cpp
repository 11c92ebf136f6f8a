// SPDX-License-Identifier: MIT

#include "tessera/io/npy.hpp"

#include "../catch.hpp"
#include "writers.hpp"

using namespace tessera;
using namespace tessera::test;
using detail::NpyHeader;
using detail::parse_npy_header;

TEST_CASE("A NumPy header gives type, extents and place of the data", "[io]") {
  const NpyHeader header = parse_npy_header(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3, 4), }     \n", "data"), "f");
  CHECK(header.dtype == DType::f64);
  CHECK(header.extents == Extents{2, 3, 4});
  CHECK(header.strides == Extents{12, 4, 1});
  CHECK(header.size == 192);
  CHECK(header.data == 10 + 68);
}

TEST_CASE("Fortran order counts strides from the first axis", "[io]") {
  CHECK(parse_npy_header(npy(npy_dict("<f4", "(2, 3, 4)", "True")), "f").strides == Extents{1, 2, 6});
}

TEST_CASE("Scalars, vectors and all versions of the format are read", "[io]") {
  CHECK(parse_npy_header(npy(npy_dict("<f4", "()")), "f").extents.empty());
  CHECK(parse_npy_header(npy(npy_dict("<f4", "(5,)")), "f").extents == Extents{5});
  for (const char version : {'\1', '\2', '\3'}) CHECK(parse_npy_header(npy(npy_dict("|u1", "(5,)"), "", version), "f").size == 5);
}

TEST_CASE("Entries of a header may come in any order and spacing", "[io]") {
  const NpyHeader header = parse_npy_header(npy("{'shape':(2,),'descr':'|V2','fortran_order':True}"), "f");
  CHECK(header.dtype == DType::bf16);
  CHECK(header.extents == Extents{2});
}
