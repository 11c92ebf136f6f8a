// SPDX-License-Identifier: MIT

// Fuzz target: NumPy archives, and single arrays, which are put into an archive.

#include "tessera/io/npz.hpp"

#include <cstdint>
#include <string_view>

#include "../io/files.hpp"
#include "../io/writers.hpp"
#include "use_tensors.hpp"

using namespace tessera;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with('P')) {
    const SharedBytes file = test::shared(text);
    fuzz::try_to_use([&] { return parse_npz(file, "f"); });
    return 0;
  }
  try {
    (void)detail::parse_npy_header(text, "f");
    const SharedBytes file = test::shared(test::zip_of({{"a.npy", std::string(text)}}));
    fuzz::use(parse_npz(file, "f"));
  } catch (const Error&) {
  }
  return 0;
}
