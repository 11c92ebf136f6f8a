// SPDX-License-Identifier: MIT

// Real photographs, decoded and resized as Pillow does. They are not in the repository: the folder "data/photos" is looked for in
// $TESSERA_SHARED, then in the compile definition TESSERA_SHARED_DIR, then in "shared" next to the repository.

#include <cstdlib>

#include "../catch.hpp"
#include "fixtures.hpp"
#include "tessera/vision/read_image.hpp"
#include "tessera/vision/resize.hpp"

namespace {

#ifndef TESSERA_SHARED_DIR
#define TESSERA_SHARED_DIR TESSERA_TEST_DATA "/../../../shared"
#endif

std::filesystem::path photo_folder() {
  const char* variable = std::getenv("TESSERA_SHARED");
  return std::filesystem::path(variable != nullptr ? variable : TESSERA_SHARED_DIR) / "data" / "photos";
}

}  // namespace

TEST_CASE("Photographs are decoded and resized to the very bytes that Pillow gives") {
  if (!std::filesystem::is_directory(photo_folder())) {
    WARN("Skipped: there is no folder " << photo_folder() << ". Set TESSERA_SHARED to the folder that has data/photos.");
    return;
  }
  std::ifstream lines(fixtures::vision_data() / "photo_hashes.txt");
  std::string name, filter, hash;
  int width = 0, height = 0, count = 0;
  tessera::Image photo(1, 1);
  while (lines >> name >> filter >> width >> height >> hash) {
    CAPTURE(name, filter, width, height);
    if (filter == "none") {
      photo = tessera::read_image(photo_folder() / name);
      CHECK(photo.width() == width);
      CHECK(photo.height() == height);
      CHECK(fixtures::hash_of(photo) == hash);
    } else {
      CHECK(fixtures::hash_of(tessera::resize(photo, height, width, fixtures::filter_named(filter))) == hash);
    }
    ++count;
  }
  CHECK(count >= 24 * 13);
}
