// SPDX-License-Identifier: MIT

// Pictures and label files of the folder "cases", which is not in the repository. It is looked for in $TESSERA_SHARED, then in the compile
// definition TESSERA_SHARED_DIR, then in "shared" next to the repository.

#include <cstdlib>

#include "../catch.hpp"
#include "fixtures.hpp"
#include "tessera/vision/read_image.hpp"
#include "tessera/vision/read_labels.hpp"
#include "tessera/vision/resize.hpp"

using tessera::Image;

namespace {

#ifndef TESSERA_SHARED_DIR
#define TESSERA_SHARED_DIR TESSERA_TEST_DATA "/../../../shared"
#endif

std::filesystem::path cases() {
  const char* variable = std::getenv("TESSERA_SHARED");
  return std::filesystem::path(variable != nullptr ? variable : TESSERA_SHARED_DIR) / "cases";
}

// Says so if the folder is missing.
bool there_are_cases() {
  const bool there = std::filesystem::is_directory(cases());
  if (!there) WARN("Skipped: there is no folder " << cases() << ". Set TESSERA_SHARED to the folder that has it.");
  return there;
}

Image expected(const std::string& name) { return fixtures::read_ppm(cases() / (name + ".ppm")); }

}  // namespace

TEST_CASE("The shared pictures give the pixels of Pillow 13") {
  if (!there_are_cases()) return;
  for (const char* name : {"orientation_as_stored.jpg", "double_exif.jpg", "orientation_count_2.jpg", "orientation_sshort.jpg",
                           "png_exif_prefix.png", "png_no_iend.png"}) {
    CAPTURE(name);
    const std::string stem = std::filesystem::path(name).stem().string();
    CHECK(fixtures::compared(tessera::read_image(cases() / name), expected(stem + ".expected")) == "same");
  }
  CHECK(tessera::read_image(cases() / "orientation_as_stored.jpg", {.orientation = tessera::Orientation::as_stored}) ==
        expected("orientation_as_stored.stored"));
  CHECK(tessera::read_image(cases() / "grey16_ramp.png", {.grey16 = tessera::Grey16::clipped}) == expected("grey16_ramp.expected"));
}

TEST_CASE("The shared damaged pictures are read leniently, with a warning") {
  if (!there_are_cases()) return;
  for (const char* name : {"scan_hole.jpg", "png_wrong_idat.png"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(tessera::read_image(cases() / name), tessera::Error);
    std::vector<std::string> warnings;
    const Image image = tessera::read_image(cases() / name, {.lenient = true, .warnings = &warnings});
    CHECK(fixtures::compared(image, expected(std::filesystem::path(name).stem().string() + ".expected")) == "same");
    CHECK(warnings.size() == 1);
  }
}

TEST_CASE("The shared tall pictures are resized as Pillow 13 does it") {
  if (!there_are_cases()) return;
  CHECK(tessera::resize(tessera::read_image(cases() / "tall_30x100.png"), 40, 24, tessera::Filter::bilinear) ==
        expected("tall_30x100.expected"));
  CHECK(tessera::resize(tessera::read_image(cases() / "tall_48x120.png"), 80, 32, tessera::Filter::bicubic) ==
        expected("tall_48x120.expected"));
}

TEST_CASE("The shared label files give their labels in the order of their numbers") {
  if (!there_are_cases()) return;
  const std::vector<std::string> labels{"tench", "goldfish", "great white shark", "tiger shark", "hammerhead", "electric ray", "stingray",
                                        "cock",  "hen",      "ostrich",           "brambling",   "goldfinch"};
  for (const char* name : {"clsidx_to_labels.txt", "config.json", "imagenet_class_index.json"}) {
    CAPTURE(name);
    CHECK(tessera::read_labels(cases() / name) == labels);
  }
}
