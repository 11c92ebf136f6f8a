// SPDX-License-Identifier: MIT

// Fuzz target: PyTorch files in both forms, and pickles alone: run as they are, and put into an archive with a storage.

#include <cstdint>
#include <string_view>

#include "../io/files.hpp"
#include "../io/writers.hpp"
#include "tessera/io/read_tensors.hpp"
#include "use_tensors.hpp"

using namespace tessera;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!text.starts_with('\x80')) {
    const SharedBytes file = test::shared(text);
    fuzz::try_to_use([&] { return parse_tensors(file, "f"); });
    return 0;
  }
  const SharedBytes file = test::shared(text);
  if (detail::is_legacy_pth(file.bytes)) fuzz::try_to_use([&] { return parse_legacy_pth(file, "f"); });
  try {
    const detail::Pickle pickle(file.bytes, "f");
    (void)detail::find_state_dicts(pickle, "f");
    // It is in order: now with its storages.
    std::vector<test::ZipMember> members{{"a/data.pkl", std::string(text.substr(0, pickle.size()))}};
    for (const detail::PickledStorage& storage : pickle.storages())
      if (storage.count < 1000)
        members.push_back(
            {"a/data/" + std::string(storage.key), std::string(static_cast<std::size_t>(storage.count) * storage.width, 'x')});
    const SharedBytes archive = test::shared(test::zip_of(members));
    fuzz::use(parse_pth(archive, "f"));
  } catch (const Error&) {
  }
  return 0;
}
