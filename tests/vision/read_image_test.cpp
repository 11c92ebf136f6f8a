// SPDX-License-Identifier: MIT
#include "tessera/vision/read_image.hpp"

#include <algorithm>
#include <string_view>

#include "../catch.hpp"
#include "../temporary_folder.hpp"
#include "fixtures.hpp"

using tessera::Image;

TEST_CASE("The format of an image file is found from its content") {
  const tessera::test::TemporaryFolder folder;
  const auto jpeg = folder.path() / "a jpeg called.png", png = folder.path() / "a png without extension";
  std::filesystem::copy_file(fixtures::vision_data() / "grey.jpg", jpeg);
  std::filesystem::copy_file(fixtures::vision_data() / "rgb_8.png", png);
  CHECK(tessera::read_image(jpeg) == fixtures::read_ppm(fixtures::vision_data() / "grey.ppm"));
  CHECK(tessera::read_image(png) == fixtures::read_ppm(fixtures::vision_data() / "rgb_8.ppm"));
}

TEST_CASE("An image that is already in memory is decoded without a file") {
  const auto bytes = fixtures::bytes_of(fixtures::vision_data() / "cmyk.jpg");
  CHECK(tessera::decode_image(bytes, "an upload") == fixtures::read_ppm(fixtures::vision_data() / "cmyk.ppm"));
  CHECK(tessera::decode_jpeg(bytes, "an upload") == fixtures::read_ppm(fixtures::vision_data() / "cmyk.ppm"));
}

TEST_CASE("A path that is not an image file is refused by name") {
  const tessera::test::TemporaryFolder folder;
  const auto message = [&](const std::filesystem::path& path) {
    const std::string text = fixtures::error_of([&] { tessera::read_image(path); });
    CHECK(text.starts_with(path.string() + ": found "));
    CHECK(text.find("expected a JPEG or PNG file") != std::string::npos);
    return text.substr(std::min(text.size(), path.string().size() + 8));
  };
  using namespace std::string_view_literals;
  CHECK(message(folder.path()) == "a directory, expected a JPEG or PNG file");
  CHECK(message(folder.path() / "none.jpg") == "no file of that name, expected a JPEG or PNG file");
  CHECK(message(folder.write("empty.jpg", "")) == "an empty file, expected a JPEG or PNG file");
  CHECK(message(folder.write("a.gif", "GIF89a....")) == "a GIF file, expected a JPEG or PNG file");
  CHECK(message(folder.write("a.webp", "RIFF\0\0\0\0WEBPVP8 "sv)) == "a WebP file, expected a JPEG or PNG file");
  CHECK(message(folder.write("a.heic",
                             "\0\0\0\x18"
                             "ftypheic"sv)) == "a HEIC file, expected a JPEG or PNG file");
  CHECK(message(folder.write("a.html", "<!DOCTYPE html>")) == "a text file (HTML, XML or SVG), expected a JPEG or PNG file");
  CHECK(message(folder.write("a.bin", "\x01\x02\xFE")) == "a file that begins with the bytes 01 02 FE, expected a JPEG or PNG file");
  CHECK(message(folder.write("not.a.folder", "x") / "a.jpg").find("expected") != std::string::npos);
  CHECK(message(std::filesystem::path(std::string(5000, 'x'))).find("File name too long") != std::string::npos);
}

TEST_CASE("A file that may not be read is refused by name") {
  const tessera::test::TemporaryFolder folder;
  const auto path = folder.write("secret.png", "x");
  std::filesystem::permissions(path, std::filesystem::perms::none);
  if (std::ifstream(path)) return;  // root may read everything
  CHECK(fixtures::error_of([&] { tessera::read_image(path); }) ==
        path.string() + ": found a file that cannot be opened for reading, expected a JPEG or PNG file");
}

TEST_CASE("A file beyond the size limit is refused before it is read") {
  const tessera::test::TemporaryFolder folder;
  const auto path = folder.write("huge.jpg", "");
  std::filesystem::resize_file(path, tessera::detail::max_image_file_size + 1);  // sparse
  CHECK(fixtures::error_of([&] { tessera::read_image(path); }).starts_with(path.string() + ": found more than 536870912 bytes"));
}
