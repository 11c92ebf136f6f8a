// SPDX-License-Identifier: MIT

// Fuzz target: safetensors files, and headers alone (whose length the fuzzer need not get right).

#include "tessera/io/safetensors.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "../io/files.hpp"
#include "use_tensors.hpp"

using namespace tessera;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string whole(text);
  if (text.starts_with('{')) {
    const std::size_t end = text.rfind('}') + 1;
    whole = test::safetensors(std::string(text.substr(0, end)), std::string(text.substr(end)));
  }
  const SharedBytes file = test::shared(whole);  // of exactly this size
  fuzz::try_to_use([&] { return parse_safetensors(file, "f"); });
  return 0;
}
