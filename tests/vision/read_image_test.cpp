// SPDX-License-Identifier: MIT
#include "tessera/vision/read_image.hpp"

#include <algorithm>
#include <string_view>

#include "../catch.hpp"
#include "../temporary_folder.hpp"
#include "fixtures.hpp"
#include "tessera/vision/orientation.hpp"

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

TEST_CASE("An image is read as stored where that is asked for") {
  const auto path = fixtures::vision_data() / "orientation_6_II.jpg";
  const Image stored = tessera::read_image(path, {.orientation = tessera::Orientation::as_stored});
  CHECK(tessera::detail::upright(stored, 6) == tessera::read_image(path));
  CHECK(stored == fixtures::pillow_pixels(fixtures::vision_data() / "orientation_1_II.ppm"));
  const auto png = fixtures::vision_data() / "exif_before_pixels.png";
  CHECK(tessera::read_image(png, {.orientation = tessera::Orientation::as_stored}) ==
        fixtures::pillow_pixels(fixtures::vision_data() / "rgb_8.ppm"));
}

TEST_CASE("16-bit grey is clipped as Pillow does it where that is asked for") {
  for (const char* name : {"grey_16", "grey_16_interlaced", "grey_16_transparent"}) {
    const auto file = fixtures::vision_data() / (std::string(name) + ".png");
    CHECK(tessera::read_image(file, {.grey16 = tessera::Grey16::clipped}) ==
          fixtures::read_ppm(fixtures::vision_data() / (std::string(name) + ".clipped.ppm")));
  }
  for (const char* name : {"grey_8", "rgb_16", "grey_alpha_16"}) {  // no other kind changes
    const auto file = fixtures::vision_data() / (std::string(name) + ".png");
    CHECK(tessera::read_image(file, {.grey16 = tessera::Grey16::clipped}) == tessera::read_image(file));
  }
}

TEST_CASE("Damaged files give Pillow's pixels and a warning where that is allowed, else an error") {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fixtures::vision_data() / "damaged")) {
    if (entry.path().extension() == ".ppm") continue;
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    std::vector<std::string> warnings;
    CHECK_THROWS_AS(tessera::read_image(entry.path(), {.warnings = &warnings}), tessera::Error);
    if (name.starts_with("truncated"))
      CHECK_THROWS_AS(tessera::read_image(entry.path(), {.lenient = true, .warnings = &warnings}), tessera::Error);
    CHECK(warnings.empty());
    const bool lenient = name.starts_with("lenient");
    const Image image = tessera::read_image(entry.path(), {.lenient = lenient, .truncated = !lenient, .warnings = &warnings});
    CHECK(fixtures::compared(image, fixtures::read_ppm(entry.path().string() + ".ppm")) == "same");
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].starts_with(entry.path().string() + ": "));
    ++count;
  }
  CHECK(count >= 8);
}

TEST_CASE("Undamaged files give no warning, files without an end one") {
  std::vector<std::string> warnings;
  for (const char* name : {"rgb_420_17x13.jpg", "cmyk.jpg", "rgb_8.png", "palette_2_interlaced.png"})
    (void)tessera::read_image(fixtures::vision_data() / name, {.truncated = true, .warnings = &warnings});
  CHECK(warnings.empty());
  const auto path = fixtures::vision_data() / "without_iend.png";
  (void)tessera::read_image(path, {.warnings = &warnings});
  CHECK(warnings == std::vector<std::string>{path.string() + ": the file ends without its IEND chunk; the picture is complete"});
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
  const auto kind = [&](std::string_view start) { return message(folder.write("a.picture", std::string(start))); };
  CHECK(kind("BM\x36\x10\0\0"sv) == "a BMP file, expected a JPEG or PNG file");
  CHECK(kind("II*\0\x08\0\0\0"sv) == "a TIFF file, expected a JPEG or PNG file");
  CHECK(kind("MM\0*\0\0\0\x08"sv) == "a TIFF file, expected a JPEG or PNG file");
  CHECK(kind("\0\0\0\x1C"
             "ftypavif\0\0\0\0"sv) == "an AVIF file, expected a JPEG or PNG file");
  CHECK(kind("\0\0\0\x1C"
             "ftypmif1\0\0\0\0mif1avif"sv) == "an AVIF file, expected a JPEG or PNG file");
  CHECK(kind("\0\0\0\x1C"
             "ftypmif1\0\0\0\0mif1heic"sv) == "a HEIF file, expected a JPEG or PNG file");
  CHECK(kind("\0\0\0\x0CJXL \r\n\x87\n"sv) == "a JPEG XL file, expected a JPEG or PNG file");
  CHECK(kind("\xFF\x0A\xFA\x1F"sv) == "a JPEG XL file, expected a JPEG or PNG file");
  CHECK(kind("\0\0\0\x0CjP  \r\n\x87\n"sv) == "a JPEG 2000 file, expected a JPEG or PNG file");
  CHECK(kind("\xFF\x4F\xFF\x51\0\x2F"sv) == "a JPEG 2000 file, expected a JPEG or PNG file");
  CHECK(kind("\xFF\xD8\xFF\xF7\0"sv) == "a JPEG-LS file, expected a JPEG or PNG file");
  CHECK(kind("P6\n1 1\n255\n"sv) == "a PPM file, expected a JPEG or PNG file");
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
