// SPDX-License-Identifier: MIT

// Fuzz target: label files, as lines and as JSON, and the labels and self-test of a checkpoint's metadata.

#include <cstdint>
#include <string>
#include <string_view>

#include "tessera/core/error.hpp"
#include "tessera/io/self_test.hpp"
#include "tessera/vision/read_labels.hpp"

using namespace tessera;

namespace {

template <class Read>
void try_to(Read&& read) {
  try {
    (void)read();
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try_to([&] { return detail::labels_from_lines(text, "f"); });
  try_to([&] { return detail::labels_from_json(text, "f"); });
  const TensorFile file{"f", "test", {}, {{"labels", text}, {"self_test", text}, {"model", text}}, {}};
  try_to([&] { return read_labels(file); });
  try_to([&] { return read_self_test(file); });
  return 0;
}
