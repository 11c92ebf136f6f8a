// SPDX-License-Identifier: MIT

#include "tessera/io/load_report.hpp"

#include <sstream>

#include "../catch.hpp"

using namespace tessera;

TEST_CASE("A load report is one line", "[io]") {
  LoadReport report{"m.pth", "PyTorch zip", "timm", 9, 3, 2, {"head.weight", "head.bias"}, {{DType::f32, 1}, {DType::f16, 2}}};
  std::ostringstream out;
  out << report;
  CHECK(out.str() == "m.pth: PyTorch zip, timm names, 9 tensors: 3 used (1 F32, 2 F16), 2 converted, 2 ignored (head.weight, head.bias)");

  report.ignored = {"a", "b", "c", "d", "e", "f"};
  report.types.clear();
  std::ostringstream longer;
  longer << report;
  CHECK(longer.str() == "m.pth: PyTorch zip, timm names, 9 tensors: 3 used, 2 converted, 6 ignored (a, b, c, d and 2 more)");
}
