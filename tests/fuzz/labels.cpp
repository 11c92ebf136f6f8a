// SPDX-License-Identifier: MIT

// Fuzz target: label files of every kind, Python literals, the labels and self-test of a checkpoint's metadata, and the configuration
// beside a checkpoint. The first byte of an input chooses the reader of the rest.

#include <cstdint>
#include <string>

#include "tessera/core/error.hpp"
#include "tessera/io/checkpoint_config.hpp"
#include "tessera/io/metadata.hpp"
#include "tessera/io/self_test.hpp"
#include "tessera/vision/python_literal.hpp"
#include "tessera/vision/read_labels.hpp"

using namespace tessera;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return -1;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto metadata = [&text](const char* key) { return TensorFile{"f", "test", {}, {{key, text}}, {}}; };
  try {
    switch (data[0] % 5) {
      case 0:
        (void)parse_labels(text, "f");
        break;
      case 1:
        (void)detail::python_literal_to_json(text, "f");
        break;
      case 2:
        (void)read_labels(metadata("labels"));
        break;
      case 3:
        (void)read_self_test(metadata("self_test"));
        break;
      default:
        (void)parse_checkpoint_config(text, "f");
    }
  } catch (const Error&) {
  }
  return 0;
}
