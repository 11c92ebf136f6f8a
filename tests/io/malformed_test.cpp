// SPDX-License-Identifier: MIT

// Every malformed file is refused with the message that its defect deserves, by its own reader and by the one that guesses the format.

#include <set>

#include "../catch.hpp"
#include "files.hpp"
#include "legacy_defects.hpp"
#include "npz_defects.hpp"
#include "pickle_defects.hpp"
#include "safetensors_defects.hpp"
#include "tessera/io/read_tensors.hpp"
#include "zip_defects.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

template <class Parse>
void refuse_all(const std::vector<Defect>& defects, Parse parse) {
  for (const Defect& defect : defects) {
    CAPTURE(defect.name);
    const std::string message = error_of([&] { parse(shared(defect.bytes), "f"); });
    CAPTURE(message);
    CHECK(message.starts_with("f: "));
    CHECK(contains(message, defect.message));
    CHECK(message.size() < 1000);
  }
}

}  // namespace

TEST_CASE("Malformed safetensors files are refused with their reason", "[io][malformed]") {
  refuse_all(safetensors_defects(), parse_safetensors);
  for (const Defect& defect : safetensors_defects()) CHECK_FALSE(error_of([&] { parse_tensors(shared(defect.bytes), "f"); }).empty());
}
TEST_CASE("Malformed pickles are refused with their reason", "[io][malformed]") { refuse_all(pickle_defects(), parse_tensors); }
TEST_CASE("Malformed zip archives are refused with their reason", "[io][malformed]") { refuse_all(zip_defects(), parse_tensors); }
TEST_CASE("Malformed npz files are refused with their reason", "[io][malformed]") { refuse_all(npz_defects(), parse_tensors); }
TEST_CASE("Malformed legacy checkpoints are refused with their reason", "[io][malformed]") { refuse_all(legacy_defects(), parse_tensors); }

TEST_CASE("There are hundreds of malformed files, each with a defect of its own", "[io][malformed]") {
  std::set<std::string> files;
  for (const auto& defects : {safetensors_defects(), pickle_defects(), zip_defects(), npz_defects(), legacy_defects()})
    for (const Defect& defect : defects) {
      CAPTURE(defect.name);
      CHECK(files.insert(defect.bytes).second);
    }
  CHECK(files.size() > 400);
}

TEST_CASE("Good checkpoints cut anywhere are refused", "[io][malformed]") {
  using namespace pickle;
  const std::string state = dict(text("w") + tensor()), floats = raw({1.0F, 2.0F});
  const std::string files[] = {pth_with(state), legacy(state, list(text("0")), raw(std::int64_t{2}) + floats),
                               zip_of({{"a.npy", npy(npy_dict("<f4", "(2,)"), floats)}})};
  for (const std::string& file : files) {
    REQUIRE(error_of([&] { parse_tensors(shared(file), "f"); }).empty());
    for (std::size_t size = 0; size < file.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(error_of([&] { parse_tensors(shared(file.substr(0, size)), "f"); }).empty());
    }
  }
}

TEST_CASE("No byte of a checkpoint can be changed into a crash", "[io][malformed]") {
  using namespace pickle;
  const std::string state = dict(text("w") + tensor()), floats = raw({1.0F, 2.0F});
  const std::string files[] = {safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", floats), pth_with(state),
                               legacy(state, list(text("0")), raw(std::int64_t{2}) + floats),
                               zip_of({deflated_member("a.npy", npy(npy_dict("<f4", "(2,)"), floats))})};
  for (const std::string& file : files)
    for (std::size_t i = 0; i < file.size(); ++i)
      for (const int bit : {0x01, 0x10, 0x80, 0xff}) {
        std::string changed = file;
        changed[i] = static_cast<char>(changed[i] ^ bit);
        try {
          for (const TensorEntry& tensor : parse_tensors(shared(changed), "f").tensors)
            if (tensor.size() < 1000) (void)test::floats(tensor);
        } catch (const Error&) {
        }
      }
  SUCCEED();
}
