// SPDX-License-Identifier: MIT

// Files that are cut, patched or made up: each is refused with one message that names the file, and nothing leaks or overreads
// (run with sanitizers). What is forgiven is at the end.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "../catch.hpp"
#include "fixtures.hpp"
#include "tessera/vision/read_image.hpp"

using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

std::string fixture(const std::string& name) {
  const auto bytes = fixtures::bytes_of(fixtures::vision_data() / name);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

tessera::Image decode(const std::string& file, const tessera::ImageOptions& options = {}) {
  return tessera::decode_image(std::as_bytes(std::span(file)), "the file", options);
}

std::string big_endian(std::uint32_t value, int bytes = 4) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 255U);
  return text;
}

std::string replaced(std::string text, std::size_t at, std::string_view with) { return text.replace(at, with.size(), with); }

// --- JPEG: where the segment with this marker begins (its 0xFF byte) -----------------------------------------------------------------
std::size_t segment(const std::string& jpeg, std::string_view marker) {
  std::size_t at = 2;
  while (jpeg.substr(at + 1, 1) != marker) {
    at += 2 + static_cast<std::size_t>(static_cast<unsigned char>(jpeg.at(at + 2))) * 256 + static_cast<unsigned char>(jpeg.at(at + 3));
  }
  return at;
}
constexpr std::string_view sof = "\xC0", dht = "\xC4", dqt = "\xDB", sos = "\xDA";

std::string jpeg_of_size(unsigned width, unsigned height) {
  const std::string jpeg = fixture("rgb_444_37x23.jpg");
  return replaced(jpeg, segment(jpeg, sof) + 5, big_endian(height, 2) + big_endian(width, 2));
}

std::string in_frame(std::size_t offset, std::string_view bytes) {
  const std::string jpeg = fixture("rgb_444_37x23.jpg");
  return replaced(jpeg, segment(jpeg, sof) + offset, bytes);
}

std::string in_scan(std::size_t offset, std::string_view bytes) {
  const std::string jpeg = fixture("rgb_444_37x23.jpg");
  return replaced(jpeg, segment(jpeg, sos) + offset, bytes);
}

std::string without(std::string_view marker) {
  std::string jpeg = fixture("rgb_444_37x23.jpg");
  const std::size_t at = segment(jpeg, marker);
  return replaced(jpeg, at + 1, "\xEC");  // now an application segment, which is skipped
}

// --- PNG: chunks with a right checksum -----------------------------------------------------------------------------------------------
std::string chunk(const std::string& kind_and_data) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (const char c : kind_and_data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1U ? 0xEDB88320U : 0U);
  }
  return big_endian(static_cast<std::uint32_t>(kind_and_data.size()) - 4) + kind_and_data + big_endian(~crc);
}

constexpr std::string_view png_head = "\x89PNG\r\n\x1A\n"sv;

std::string ihdr(std::uint32_t width, std::uint32_t height, std::string_view depth_kind_and_methods) {
  return chunk("IHDR" + big_endian(width) + big_endian(height) + std::string(depth_kind_and_methods));
}

// rgb_8.png with another header.
std::string png_with(const std::string& header) { return fixture("rgb_8.png").replace(8, 25, header); }

// Where the last chunk of pixels ends.
std::size_t end_of_pixels(const std::string& png) {
  const std::size_t kind = png.rfind("IDAT");
  std::size_t length = 0;
  for (std::size_t i = kind - 4; i < kind; ++i) length = length * 256 + static_cast<unsigned char>(png[i]);
  return kind + 4 + length + 4;
}

// The chunks of rgb_8.png: header, data, end.
std::string header_chunk() { return fixture("rgb_8.png").substr(8, 25); }
std::string data_chunk() {
  const std::string png = fixture("rgb_8.png");
  return png.substr(33, png.size() - 33 - 12);
}
std::string end_chunk() { return chunk("IEND"); }
std::string png_of(const std::string& chunks) { return std::string(png_head) + chunks; }

struct Defect {
  std::string name;
  std::function<std::string()> file;
  std::string expected_in_message;
};

const std::vector<Defect>& defects() {
  static const std::vector<Defect> all{
      {"empty", [] { return std::string(); }, "an empty file"},
      {"one byte", [] { return std::string("\xFF"); }, "begins with the bytes FF"},
      {"spaces", [] { return std::string(1000, ' '); }, "begins with the bytes 20 20"},

      {"JPEG: signature only", [] { return fixture("grey.jpg").substr(0, 3); }, "JPEG decoder"},
      {"JPEG: start of image twice", [] { return "\xFF\xD8" + fixture("grey.jpg"); }, "JPEG decoder"},
      {"JPEG: cut in the header", [] { return fixture("grey.jpg").substr(0, 100); }, "JPEG decoder"},
      {"JPEG: cut before the scan",
       [] {
         auto j = fixture("rgb_444_37x23.jpg");
         return j.substr(0, segment(j, sos));
       },
       "JPEG decoder"},
      {"JPEG: cut in the scan header",
       [] {
         auto j = fixture("rgb_444_37x23.jpg");
         return j.substr(0, segment(j, sos) + 5);
       },
       "JPEG decoder"},
      {"JPEG: cut at the start of the data",
       [] {
         auto j = fixture("rgb_444_37x23.jpg");
         return j.substr(0, segment(j, sos) + 14);
       },
       "Premature end"},
      {"JPEG: second half missing",
       [] {
         auto j = fixture("rgb_444_37x23.jpg");
         return j.substr(0, j.size() / 2 + 300);
       },
       "Premature end"},
      {"JPEG: last ten bytes missing",
       [] {
         auto j = fixture("rgb_444_37x23.jpg");
         return j.substr(0, j.size() - 10);
       },
       "Premature end"},
      {"JPEG: end marker missing",
       [] {
         auto j = fixture("rgb_444_37x23.jpg");
         return j.substr(0, j.size() - 2);
       },
       "Premature end"},
      {"JPEG: cut, with an end marker put back",
       [] {
         auto j = fixture("rgb_444_37x23.jpg");
         return j.substr(0, j.size() - 100) + "\xFF\xD9";
       },
       "premature end"},
      {"JPEG: progressive, last scan missing",
       [] {
         auto j = fixture("progressive_420.jpg");
         return j.substr(0, j.size() - 60);
       },
       "Premature end"},
      {"JPEG: progressive, cut in the first scan",
       [] {
         auto j = fixture("progressive_420.jpg");
         return j.substr(0, 700);
       },
       "Premature end"},
      {"JPEG: CMYK, second half missing",
       [] {
         auto j = fixture("cmyk.jpg");
         return j.substr(0, j.size() - 500);
       },
       "Premature end"},
      {"JPEG: restart marker missing",
       [] {
         auto j = fixture("restart_markers.jpg");
         return j.erase(j.find("\xFF\xD1"), 2);
       },
       "JPEG decoder"},
      {"JPEG: no picture, only tables",
       [] {
         auto j = fixture("rgb_444_37x23.jpg");
         return j.substr(0, segment(j, sof)) + "\xFF\xD9";
       },
       "JPEG decoder"},
      {"JPEG: no frame header", [] { return without(sof); }, "SOF"},
      {"JPEG: no quantization table", [] { return without(dqt); }, "uantization table"},
      {"JPEG: two frame headers",
       [] {
         auto j = fixture("rgb_444_37x23.jpg");
         auto at = segment(j, sof);
         return j.insert(at, j.substr(at, 19));
       },
       "SOF"},
      {"JPEG: width 0", [] { return jpeg_of_size(0, 23); }, "JPEG decoder"},
      {"JPEG: height 0", [] { return jpeg_of_size(37, 0); }, "JPEG decoder"},
      {"JPEG: width 65501", [] { return jpeg_of_size(65'501, 1); }, "65500"},
      {"JPEG: 65500×65500 pixels announced", [] { return jpeg_of_size(65'500, 65'500); }, "65500×65500 pixels, expected sides"},
      {"JPEG: 13377×13378 pixels announced, just beyond the limit", [] { return jpeg_of_size(13'377, 13'379); },
       "at most 178956970 pixels"},
      {"JPEG: 13000×13000 pixels announced, within the limit", [] { return jpeg_of_size(13'000, 13'000); }, "too few for a JPEG image"},
      {"JPEG: 13000×13000 pixels announced, in arithmetic code",
       [] {
         auto j = jpeg_of_size(13'000, 13'000);
         return replaced(j, segment(j, sof) + 1, "\xC9");
       },
       "too few for a JPEG image"},
      {"JPEG: 400×400 pixels announced", [] { return jpeg_of_size(400, 400); }, "JPEG decoder"},
      {"JPEG: 12 bits a sample", [] { return in_frame(4, "\x0C"); }, "found a JPEG file of 12 bits a sample, which this JPEG decoder"},
      {"JPEG: two components", [] { return in_frame(9, "\x02"); }, "JPEG decoder"},
      {"JPEG: no components", [] { return in_frame(9, "\0"sv); }, "JPEG decoder"},
      {"JPEG: 200 components", [] { return in_frame(9, "\xC8"); }, "JPEG decoder"},
      {"JPEG: sampling factor 0", [] { return in_frame(11, "\x01"); }, "ampling"},
      {"JPEG: sampling factor 15", [] { return in_frame(11, "\xF1"); }, "ampling"},
      {"JPEG: sampling factors that no decoder can upsample", [] { return in_frame(11, "\x31\x01\x02\x21"); }, "JPEG decoder"},
      {"JPEG: quantization table 9", [] { return in_frame(12, "\x09"); }, "uantization table"},
      {"JPEG: lossless frame", [] { return in_frame(1, "\xC3"); }, "found a lossless JPEG file of 8 bits a sample, which this"},
      {"JPEG: hierarchical frame", [] { return in_frame(1, "\xC5"); }, "found a hierarchical JPEG file of 8 bits a sample, which this"},
      {"JPEG: scan of no components", [] { return in_scan(4, "\0"sv); }, "JPEG decoder"},
      {"JPEG: scan of an unknown component", [] { return in_scan(5, "\x09"); }, "JPEG decoder"},
      {"JPEG: scan with Huffman table 3", [] { return in_scan(6, "\x33"); }, "Huffman table"},
      {"JPEG: Huffman table with more codes than bits allow",
       [] {
         auto j = fixture("rgb_444_37x23.jpg");
         return replaced(j, segment(j, dht) + 5, "\xFF\xFF");
       },
       "JPEG decoder"},
      {"JPEG: segment length 0",
       [] {
         auto j = fixture("rgb_444_37x23.jpg");
         return replaced(j, segment(j, dqt) + 2, "\0\0"sv);
       },
       "JPEG decoder"},
      {"JPEG: segment length beyond the file",
       [] {
         auto j = fixture("rgb_444_37x23.jpg");
         return replaced(j, 4, "\xFF\xFF");
       },
       "JPEG decoder"},
      {"JPEG: more scans than anybody needs",
       [] {
         auto j = fixture("progressive_grey.jpg");
         const std::size_t at = segment(j, sos);
         std::size_t end = at + 2;
         while (!(j[end] == '\xFF' && j[end + 1] != '\0')) ++end;
         std::string head = j.substr(0, at), scan = j.substr(at, end - at);
         for (int i = 0; i < 600; ++i) head += scan;
         return head + "\xFF\xD9";
       },
       "scans"},

      {"PNG: signature only", [] { return std::string(png_head); }, "premature end of file"},
      {"PNG: signature damaged by a text transfer", [] { return replaced(fixture("rgb_8.png"), 4, "\n\x1A\n"); },
       "begins with the bytes 89 50"},
      {"PNG: cut in the header", [] { return fixture("rgb_8.png").substr(0, 20); },
       "a PNG chunk of 13 bytes at byte 8, expected at most the 0 that"},
      {"PNG: cut before the pixels", [] { return fixture("rgb_8.png").substr(0, 33); }, "premature end of file"},
      {"PNG: cut in the pixels", [] { return fixture("rgb_8.png").substr(0, 300); }, "that are left of the file"},
      {"PNG: cut in the checksum of the pixels",
       [] {
         auto p = fixture("rgb_8.png");
         return p.substr(0, p.size() - 13);
       },
       "that are left of the file"},
      {"PNG: cut between two chunks of pixels",
       [] {
         auto p = fixture("many_idat.png");
         return p.substr(0, p.rfind("IDAT") - 4);
       },
       "Not enough image data"},
      {"PNG: no pixels", [] { return png_of(header_chunk() + end_chunk()); }, "PNG decoder"},
      {"PNG: no header", [] { return png_of(data_chunk() + end_chunk()); }, "PNG decoder"},
      {"PNG: two headers", [] { return png_of(header_chunk() + header_chunk() + data_chunk() + end_chunk()); }, "PNG decoder"},
      {"PNG: wrong checksum of the header", [] { return replaced(fixture("rgb_8.png"), 29, "\x01\x02\x03\x04"); }, "CRC"},
      {"PNG: wrong checksum of the pixels",
       [] {
         auto p = fixture("rgb_8.png");
         return replaced(p, p.size() - 16, "\x01\x02\x03\x04");
       },
       "CRC"},
      {"PNG: width 0", [] { return png_with(ihdr(0, 13, "\x08\x02\0\0\0"sv)); }, "PNG decoder"},
      {"PNG: height 0", [] { return png_with(ihdr(21, 0, "\x08\x02\0\0\0"sv)); }, "PNG decoder"},
      {"PNG: width beyond 31 bits", [] { return png_with(ihdr(0xFFFFFFFF, 13, "\x08\x02\0\0\0"sv)); }, "PNG decoder"},
      {"PNG: width 65501", [] { return png_with(ihdr(65'501, 13, "\x08\x02\0\0\0"sv)); }, "65501×13 pixels, expected sides"},
      {"PNG: 2^31-1 squared pixels announced", [] { return png_with(ihdr(0x7FFFFFFF, 0x7FFFFFFF, "\x08\0\0\0\0"sv)); }, ""},
      {"PNG: 20000×20000 pixels announced", [] { return png_with(ihdr(20'000, 20'000, "\x01\0\0\0\0"sv)); }, "at most 178956970 pixels"},
      {"PNG: 13000×13000 pixels announced, within the limit", [] { return png_with(ihdr(13'000, 13'000, "\x08\x02\0\0\0"sv)); },
       "too few for a PNG image"},
      {"PNG: one row more announced", [] { return png_with(ihdr(21, 14, "\x08\x02\0\0\0"sv)); }, "PNG decoder"},
      {"PNG: depth 3", [] { return png_with(ihdr(21, 13, "\x03\0\0\0\0"sv)); }, "PNG decoder"},
      {"PNG: RGB of depth 4", [] { return png_with(ihdr(21, 13, "\x04\x02\0\0\0"sv)); }, "PNG decoder"},
      {"PNG: colour type 5", [] { return png_with(ihdr(21, 13, "\x08\x05\0\0\0"sv)); }, "PNG decoder"},
      {"PNG: compression method 1", [] { return png_with(ihdr(21, 13, "\x08\x02\x01\0\0"sv)); }, "PNG decoder"},
      {"PNG: filter method 1", [] { return png_with(ihdr(21, 13, "\x08\x02\0\x01\0"sv)); }, "PNG decoder"},
      {"PNG: interlace method 2", [] { return png_with(ihdr(21, 13, "\x08\x02\0\0\x02"sv)); }, "PNG decoder"},
      {"PNG: interlaced, data of a plain one", [] { return png_with(ihdr(21, 13, "\x08\x02\0\0\x01"sv)); }, "PNG decoder"},
      {"PNG: palette missing", [] { return png_with(ihdr(21, 13, "\x08\x03\0\0\0"sv)); }, "PNG decoder"},
      {"PNG: palette of 4 bytes", [] { return png_of(ihdr(21, 13, "\x08\x03\0\0\0"sv) + chunk("PLTEabcd") + data_chunk() + end_chunk()); },
       "PNG decoder"},
      {"PNG: pixels are not a deflate stream", [] { return png_of(header_chunk() + chunk("IDATthis is no zlib stream") + end_chunk()); },
       "PNG decoder"},
      {"PNG: pixels are empty", [] { return png_of(header_chunk() + chunk("IDAT") + end_chunk()); }, "PNG decoder"},
      {"PNG: a stream damaged in the middle, checksum right",
       [] {
         std::string data = data_chunk();
         data = data.substr(4, data.size() - 8);
         return png_of(header_chunk() + chunk(replaced(data, data.size() / 2, "\x55\xAA\x55\xAA")) + end_chunk());
       },
       "PNG decoder"},
      {"PNG: an unknown critical chunk", [] { return png_of(header_chunk() + chunk("BOMBxyz") + data_chunk() + end_chunk()); },
       "PNG decoder"},
      {"PNG: chunk length beyond 31 bits",
       [] { return png_of(header_chunk() + replaced(data_chunk(), 0, "\xFF\xFF\xFF\xFF") + end_chunk()); },
       "a PNG chunk of 4294967295 bytes at byte 33"},
      {"PNG: chunk length beyond the file",
       [] { return png_of(header_chunk() + replaced(data_chunk(), 0, "\x7F\xFF\xFF\xFF") + end_chunk()); },
       "a PNG chunk of 2147483647 bytes at byte 33"},
      {"PNG: a text of 2 GB announced",
       [] {
         return png_of(header_chunk() + replaced(chunk("zTXtComment"s + '\0' + '\0' + "x"), 0, "\x79\0\0\x4E"sv) + data_chunk() +
                       end_chunk());
       },
       "a PNG chunk of 2030043214 bytes at byte 33"},
      {"PNG: a text of 2 GB announced in the last bytes", [] { return png_of(header_chunk() + "\x79\0\0\x4EzTXt"s); },
       "a PNG chunk of 2030043214 bytes at byte 33, expected at most the 0"},
      {"PNG: a chunk name that is not letters",
       [] { return png_of(header_chunk() + chunk(std::string("\0\1\2\3", 4)) + data_chunk() + end_chunk()); }, "PNG decoder"},
  };
  return all;
}

}  // namespace

TEST_CASE("A malformed image file is refused with a message that names it") {
  CHECK(defects().size() >= 40);
  for (const Defect& defect : defects()) {
    const std::string message = fixtures::error_of([&] { decode(defect.file()); });
    CAPTURE(defect.name, message, defect.expected_in_message);
    CHECK(message.starts_with("the file: "));
    CHECK(message.find("found") != std::string::npos);
    CHECK(message.find(defect.expected_in_message) != std::string::npos);
  }
}

TEST_CASE("An image file cut at any byte of its picture is refused, and read leniently without harm") {
  for (const char* name : {"rgb_420_17x13.jpg", "progressive_grey.jpg", "ycck.jpg", "orientation_6_MM.jpg", "rgb_8_interlaced.png",
                           "palette_4_transparent.png", "exif_after_pixels.png", "exif_as_raw_profile.png"}) {
    const std::string file = fixture(name);
    const bool png = file.starts_with(png_head);
    const std::size_t pixels_end = png ? end_of_pixels(file) : file.size();
    for (std::size_t size = 0; size < file.size(); ++size) {
      CAPTURE(name, size);
      const std::string cut = file.substr(0, size);
      const std::string message = fixtures::error_of([&] { decode(cut); });
      REQUIRE((size < pixels_end ? message.starts_with("the file: ") : message == "no error"));
      for (const tessera::ImageOptions& options : {tessera::ImageOptions{.lenient = true}, tessera::ImageOptions{.truncated = true}}) {
        const std::string leniently = fixtures::error_of([&] { decode(cut, options); });
        REQUIRE((leniently == "no error" || leniently.starts_with("the file: ")));
      }
    }
  }
}

TEST_CASE("An image file with any byte changed is decoded or refused") {
  std::uint64_t random = 1;
  for (const char* name : {"rgb_420_17x13.jpg", "progressive_444.jpg", "cmyk.jpg", "restart_markers.jpg", "orientation_6_II.jpg",
                           "orientation_xmp_element.jpg", "rgb_8.png", "grey_alpha_16_interlaced.png", "palette_2.png",
                           "exif_before_pixels.png", "exif_as_raw_profile.png", "xmp.png"}) {
    const std::string file = fixture(name);
    for (std::size_t at = 0; at < file.size(); ++at) {
      random = random * 6364136223846793005U + 1442695040888963407U;
      const std::string changed = replaced(file, at, std::string(1, static_cast<char>(random >> 56)));
      for (const tessera::ImageOptions& options : {tessera::ImageOptions{}, tessera::ImageOptions{.truncated = true}}) {
        const std::string message = fixtures::error_of([&] { decode(changed, options); });
        CAPTURE(name, at, message);
        REQUIRE((message == "no error" || message.starts_with("the file: ")));
      }
    }
  }
}

TEST_CASE("Damage that leaves the picture whole is forgiven") {
  const auto rgb = fixtures::read_ppm(fixtures::vision_data() / "rgb_8.ppm");
  const auto jpeg_pixels = fixtures::read_ppm(fixtures::vision_data() / "rgb_444_37x23.ppm");
  const std::string jpeg = fixture("rgb_444_37x23.jpg"), comment = chunk("tEXtComment"s + '\0' + "hello");

  CHECK(decode(png_of(header_chunk() + comment + data_chunk() + end_chunk())) == rgb);
  CHECK(decode(png_of(header_chunk() + replaced(comment, comment.size() - 1, "?") + data_chunk() + end_chunk())) == rgb);  // wrong checksum
  CHECK(decode(png_of(header_chunk() + chunk("eXIfMM\0*garbage"s) + data_chunk() + end_chunk())) == rgb);
  std::string comments;
  for (int i = 0; i < 2000; ++i) comments += comment;
  CHECK(decode(png_of(header_chunk() + comments + data_chunk() + end_chunk())) == rgb);  // more than are kept
  CHECK(decode(png_of(header_chunk() + chunk("prVtanything") + data_chunk() + end_chunk())) == rgb);

  CHECK(decode(png_of(header_chunk() + data_chunk())) == rgb);                                          // no end chunk
  CHECK(decode(png_of(header_chunk() + data_chunk() + end_chunk().substr(0, 9))) == rgb);               // a cut one
  CHECK(decode(png_of(header_chunk() + data_chunk() + comment.substr(0, comment.size() - 2))) == rgb);  // a cut comment

  const auto with_segment = [&](std::string_view marker_and_length, std::string_view data) {
    return std::string(jpeg).insert(2, std::string(marker_and_length) + std::string(data));
  };
  CHECK(decode(with_segment("\xFF\xE1\0\x0E"sv, "Exif\0\0II*\0\xFF\xFF"sv)) == jpeg_pixels);
  CHECK(decode(with_segment("\xFF\xE1\0\x08"sv, "Exif\0\0"sv)) == jpeg_pixels);
  CHECK(decode(with_segment("\xFF\xE1\0\x02"sv, ""sv)) == jpeg_pixels);
  CHECK(decode(with_segment("\xFF\xEE\0\x07"sv, "Adobe"sv)) == jpeg_pixels);
  CHECK(decode(std::string(jpeg).insert(segment(jpeg, sof), "stray bytes")) == jpeg_pixels);
}
