// SPDX-License-Identifier: MIT
#pragma once

// Images that are neither JPEG nor PNG: BMP, and WebP, GIF, TIFF and AVIF where their libraries were there when the program was built. The
// first image of the file, with the values of Pillow 13's ImageOps.exif_transpose(Image.open(path)).convert("RGB"). Where that drops an
// alpha channel it is dropped here.
//
// Kinds of a format that are rare are refused: BMP with compression or 16 bits, TIFF with more than 8 bits, CMYK, Lab, or alpha that the
// colours are not multiplied with. AVIF with fewer colours than pixels (4:2:0, 4:2:2) may differ by 1 or 2, as releases of libavif do.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#ifdef TESSERA_EXAMPLES_WEBP
#include <webp/demux.h>
#endif
#ifdef TESSERA_EXAMPLES_GIF
#include <gif_lib.h>
#endif
#ifdef TESSERA_EXAMPLES_TIFF
#include <tiffio.h>
#endif
#ifdef TESSERA_EXAMPLES_AVIF
#include <avif/avif.h>
#endif

#include "tessera/core/error.hpp"
#include "tessera/vision/image_options.hpp"
#include "tessera/vision/orientation.hpp"
#include "tessera/vision/read_image.hpp"

using FileBytes = std::span<const std::byte>;

[[noreturn]] inline void fail_format(std::string_view name, const std::string& what) {
  throw tessera::Error(std::string(name) + ": " + what);
}

// Refuses a size before memory is taken.
inline void check_image_size(std::string_view name, std::int64_t height, std::int64_t width) {
  if (height < 1 || width < 1 || height > tessera::Image::max_side || width > tessera::Image::max_side ||
      height * width > tessera::Image::max_pixels)
    fail_format(name, "found " + std::to_string(height) + "x" + std::to_string(width) + " pixels, expected 1 to " +
                          std::to_string(tessera::Image::max_pixels));
}

// A little-endian number of a BMP file, or 0 beyond its end.
inline std::uint32_t number_at(FileBytes file, std::size_t at, std::size_t bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < bytes && at + i < file.size(); ++i) number |= std::to_integer<std::uint32_t>(file[at + i]) << (8 * i);
  return number;
}

// Without compression, 1, 4, 8, 24 or 32 bits a pixel: Microsoft's BITMAPINFOHEADER and its successors. Rows are a multiple of 4 bytes long
// and stand from the bottom to the top unless the height is negative.
inline tessera::Image decode_bmp(FileBytes file, std::string_view name) {
  const std::size_t data = number_at(file, 10, 4), header = number_at(file, 14, 4);
  const std::uint32_t bits = number_at(file, 28, 2), compression = number_at(file, 30, 4);
  const std::int64_t width = static_cast<std::int32_t>(number_at(file, 18, 4)), stored = static_cast<std::int32_t>(number_at(file, 22, 4));
  const std::int64_t height = stored < 0 ? -stored : stored;
  constexpr std::uint32_t plain = 0, with_masks = 3;
  const bool usual_masks = compression == with_masks && bits == 32 && number_at(file, 54, 4) == 0xff0000 &&
                           number_at(file, 58, 4) == 0xff00 && number_at(file, 62, 4) == 0xff;
  if (header < 40 || (compression != plain && !usual_masks) || (bits != 1 && bits != 4 && bits != 8 && bits != 24 && bits != 32))
    fail_format(name, "found a BMP file of " + std::to_string(bits) + " bits and compression " + std::to_string(compression) +
                          ", expected 1, 4, 8, 24 or 32 bits without compression");
  check_image_size(name, height, width);
  const std::size_t row_bytes = (static_cast<std::size_t>(width) * bits + 31) / 32 * 4;
  if (data > file.size() || row_bytes * static_cast<std::size_t>(height) > file.size() - data)
    fail_format(name, "found a BMP file of " + std::to_string(file.size()) + " bytes, expected " +
                          std::to_string(data + row_bytes * static_cast<std::size_t>(height)));
  tessera::Image image(static_cast<int>(height), static_cast<int>(width));
  for (int y = 0; y < image.height(); ++y) {
    const std::size_t row = data + row_bytes * static_cast<std::size_t>(stored < 0 ? y : image.height() - 1 - y);
    for (int x = 0; x < image.width(); ++x) {
      const std::size_t bit = static_cast<std::size_t>(x) * bits;
      std::size_t colour = row + bit / 8;  // blue, green, red
      if (bits <= 8) colour = 14 + header + 4 * (number_at(file, colour, 1) >> (8 - bits - bit % 8) & ((1U << bits) - 1));
      const auto pixel = image.pixel(y, x);
      for (std::size_t c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>(number_at(file, colour + 2 - c, 1));
    }
  }
  return image;
}

#ifdef TESSERA_EXAMPLES_WEBP
inline tessera::Image decode_webp(FileBytes file, std::string_view name, bool upright) {
  const WebPData data{reinterpret_cast<const std::uint8_t*>(file.data()), file.size()};
  ::WebPAnimDecoderOptions options;
  ::WebPAnimDecoderOptionsInit(&options);
  options.color_mode = MODE_RGBA;
  ::WebPBitstreamFeatures features{};
  if (::WebPGetFeatures(data.bytes, data.size, &features) != VP8_STATUS_OK) fail_format(name, "found a damaged WebP file");
  check_image_size(name, features.height, features.width);
  const std::unique_ptr<::WebPAnimDecoder, void (*)(::WebPAnimDecoder*)> decoder(::WebPAnimDecoderNew(&data, &options),
                                                                                 ::WebPAnimDecoderDelete);
  std::uint8_t* pixels = nullptr;
  int milliseconds = 0;
  ::WebPAnimInfo info{};
  if (decoder == nullptr || ::WebPAnimDecoderGetInfo(decoder.get(), &info) == 0) fail_format(name, "found a damaged WebP file");
  check_image_size(name, info.canvas_height, info.canvas_width);
  if (::WebPAnimDecoderGetNext(decoder.get(), &pixels, &milliseconds) == 0) fail_format(name, "found a damaged WebP file");
  const std::size_t stride = std::size_t{info.canvas_width} * 4;
  tessera::Image image = tessera::Image::from({pixels, stride * info.canvas_height}, static_cast<int>(info.canvas_height),
                                              static_cast<int>(info.canvas_width), stride, tessera::PixelOrder::rgba);
  ::WebPChunkIterator chunk{};
  int orientation = 1;
  if (::WebPDemuxGetChunk(::WebPAnimDecoderGetDemuxer(decoder.get()), "EXIF", 1, &chunk) != 0)
    orientation = tessera::detail::exif_orientation(std::as_bytes(std::span(chunk.chunk.bytes, chunk.chunk.size))).value_or(1);
  ::WebPDemuxReleaseChunkIterator(&chunk);
  return upright ? tessera::detail::upright(std::move(image), orientation) : image;
}
#endif

#ifdef TESSERA_EXAMPLES_GIF
// The first frame. Where it does not cover the picture, the colour of the transparent entry of its palette, or of entry 0, shows.
inline tessera::Image decode_gif(FileBytes file, std::string_view name) {
  const auto damaged = [&] { fail_format(name, "found a damaged GIF file"); };
  int error = 0;
  const auto read = [](::GifFileType* gif, ::GifByteType* to, int count) {
    auto* const left = static_cast<FileBytes*>(gif->UserData);
    const std::size_t bytes = std::min(left->size(), static_cast<std::size_t>(count));
    std::memcpy(to, left->data(), bytes);
    *left = left->subspan(bytes);
    return static_cast<int>(bytes);
  };
  const auto close = [](::GifFileType* gif) { ::DGifCloseFile(gif, nullptr); };
  const std::unique_ptr<::GifFileType, decltype(close)> gif(::DGifOpen(&file, read, &error), close);
  if (gif == nullptr) damaged();
  check_image_size(name, gif->SHeight, gif->SWidth);
  std::size_t background = 0;
  ::GifRecordType record = UNDEFINED_RECORD_TYPE;
  for (; record != IMAGE_DESC_RECORD_TYPE;) {
    if (::DGifGetRecordType(gif.get(), &record) == GIF_ERROR || record == TERMINATE_RECORD_TYPE) damaged();
    int code = 0;
    ::GifByteType* extension = nullptr;
    if (record != EXTENSION_RECORD_TYPE) continue;
    if (::DGifGetExtension(gif.get(), &code, &extension) == GIF_ERROR) damaged();
    for (; extension != nullptr;) {
      ::GraphicsControlBlock control{};
      if (code == GRAPHICS_EXT_FUNC_CODE && ::DGifExtensionToGCB(extension[0], extension + 1, &control) == GIF_OK &&
          control.TransparentColor >= 0)
        background = static_cast<std::size_t>(control.TransparentColor);
      if (::DGifGetExtensionNext(gif.get(), &extension) == GIF_ERROR) damaged();
    }
  }
  if (::DGifGetImageDesc(gif.get()) == GIF_ERROR) damaged();
  const ::GifImageDesc& frame = gif->Image;
  const ::ColorMapObject* const palette = frame.ColorMap != nullptr ? frame.ColorMap : gif->SColorMap;
  if (palette == nullptr) fail_format(name, "found a GIF file without a palette");
  if (frame.Width < 1 || frame.Height < 1 || frame.Left + frame.Width > gif->SWidth || frame.Top + frame.Height > gif->SHeight)
    fail_format(name, "found a GIF file whose first frame is larger than the picture");
  tessera::Image image(gif->SHeight, gif->SWidth);
  const auto paint = [&](int y, int x, std::size_t entry) {
    if (entry >= static_cast<std::size_t>(palette->ColorCount)) return;
    const ::GifColorType& colour = palette->Colors[entry];
    const auto pixel = image.pixel(y, x);
    pixel[0] = colour.Red, pixel[1] = colour.Green, pixel[2] = colour.Blue;
  };
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) paint(y, x, background);
  std::vector<::GifPixelType> line(static_cast<std::size_t>(frame.Width));
  const std::vector<std::array<int, 2>> passes =
      frame.Interlace ? std::vector<std::array<int, 2>>{{0, 8}, {4, 8}, {2, 4}, {1, 2}} : std::vector<std::array<int, 2>>{{0, 1}};
  for (const auto& [first, step] : passes)
    for (int y = first; y < frame.Height; y += step) {
      if (::DGifGetLine(gif.get(), line.data(), frame.Width) == GIF_ERROR) damaged();
      for (int x = 0; x < frame.Width; ++x) paint(frame.Top + y, frame.Left + x, line[static_cast<std::size_t>(x)]);
    }
  return image;
}
#endif

#ifdef TESSERA_EXAMPLES_TIFF
inline tessera::Image decode_tiff(FileBytes file, std::string_view name) {
  struct Memory {
    FileBytes bytes;
    std::uint64_t at = 0;
  } memory{file};
  ::TIFFSetErrorHandler(nullptr);
  ::TIFFSetWarningHandler(nullptr);
  const std::unique_ptr<::TIFF, void (*)(::TIFF*)> tiff(
      ::TIFFClientOpen(
          std::string(name).c_str(), "rm", &memory,
          [](::thandle_t handle, void* to, ::tmsize_t count) {
            Memory& from = *static_cast<Memory*>(handle);
            const std::uint64_t left = from.bytes.size() - std::min<std::uint64_t>(from.at, from.bytes.size());
            const auto bytes = static_cast<std::size_t>(std::min(left, static_cast<std::uint64_t>(count)));
            if (bytes > 0) std::memcpy(to, from.bytes.data() + from.at, bytes);
            from.at += bytes;
            return static_cast<::tmsize_t>(bytes);
          },
          [](::thandle_t, void*, ::tmsize_t) { return ::tmsize_t{0}; },
          [](::thandle_t handle, ::toff_t offset, int whence) {
            Memory& from = *static_cast<Memory*>(handle);
            from.at = offset + (whence == SEEK_CUR ? from.at : whence == SEEK_END ? from.bytes.size() : 0);
            return from.at;
          },
          [](::thandle_t) { return 0; }, [](::thandle_t handle) { return ::toff_t{static_cast<Memory*>(handle)->bytes.size()}; }, nullptr,
          nullptr),
      ::TIFFClose);
  if (tiff == nullptr) fail_format(name, "found a damaged TIFF file");
  std::uint32_t width = 0, height = 0;
  std::uint16_t bits = 1, photometric = 0, samples = 1, orientation = 1, extras = 0;
  std::uint16_t* kinds = nullptr;
  ::TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  ::TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  ::TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_BITSPERSAMPLE, &bits);
  ::TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_SAMPLESPERPIXEL, &samples);
  ::TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_ORIENTATION, &orientation);
  ::TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_EXTRASAMPLES, &extras, &kinds);
  ::TIFFGetField(tiff.get(), TIFFTAG_PHOTOMETRIC, &photometric);
  const bool known = photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE || photometric == PHOTOMETRIC_RGB ||
                     photometric == PHOTOMETRIC_PALETTE || photometric == PHOTOMETRIC_YCBCR;
  if (!known || bits > 8 || (extras > 0 && kinds[0] == EXTRASAMPLE_UNASSALPHA))
    fail_format(name, "found a TIFF file of " + std::to_string(samples) + " samples of " + std::to_string(bits) + " bits, kind " +
                          std::to_string(photometric) + ", expected grey, RGB or a palette of at most 8 bits without unassociated alpha");
  check_image_size(name, height, width);
  ::TIFFSetField(tiff.get(), TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);  // rows as they are stored
  std::vector<std::uint32_t> pixels(std::size_t{height} * width);
  if (::TIFFReadRGBAImageOriented(tiff.get(), width, height, pixels.data(), ORIENTATION_TOPLEFT, 1) == 0)
    fail_format(name, "found a damaged TIFF file");
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(pixels.data()), pixels.size() * 4);
  return tessera::detail::upright(
      tessera::Image::from(bytes, static_cast<int>(height), static_cast<int>(width), std::size_t{width} * 4, tessera::PixelOrder::rgba),
      orientation);
}
#endif

#ifdef TESSERA_EXAMPLES_AVIF
inline tessera::Image decode_avif(FileBytes file, std::string_view name, bool upright) {
  const std::unique_ptr<::avifDecoder, void (*)(::avifDecoder*)> decoder(::avifDecoderCreate(), ::avifDecoderDestroy);
  const auto check = [&](::avifResult result) {
    if (result != AVIF_RESULT_OK) fail_format(name, std::string("found a damaged AVIF file: ") + ::avifResultToString(result));
  };
  check(::avifDecoderSetIOMemory(decoder.get(), reinterpret_cast<const std::uint8_t*>(file.data()), file.size()));
  check(::avifDecoderParse(decoder.get()));
  check_image_size(name, decoder->image->height, decoder->image->width);
  check(::avifDecoderNextImage(decoder.get()));
  ::avifRGBImage rgb;
  ::avifRGBImageSetDefaults(&rgb, decoder->image);
  rgb.format = AVIF_RGB_FORMAT_RGBA;  // without alpha, libavif would multiply colours with it
  rgb.depth = 8;
  std::vector<std::uint8_t> pixels(std::size_t{rgb.height} * rgb.width * 4);
  rgb.pixels = pixels.data();
  rgb.rowBytes = rgb.width * 4;
  check(::avifImageYUVToRGB(decoder->image, &rgb));
  tessera::Image image =
      tessera::Image::from(pixels, static_cast<int>(rgb.height), static_cast<int>(rgb.width), rgb.rowBytes, tessera::PixelOrder::rgba);
  if (!upright) return image;
  // First the turn, anticlockwise by angle·90°, then the mirror.
  const auto flags = static_cast<std::uint32_t>(decoder->image->transformFlags);
  constexpr std::array<int, 4> turned{1, 8, 3, 6};
  if ((flags & AVIF_TRANSFORM_IROT) != 0) image = tessera::detail::upright(std::move(image), turned[decoder->image->irot.angle & 3]);
#if AVIF_VERSION >= 1000000
  const int axis = decoder->image->imir.axis;
#else
  const int axis = decoder->image->imir.mode;
#endif
  return (flags & AVIF_TRANSFORM_IMIR) != 0 ? tessera::detail::upright(std::move(image), axis == 0 ? 4 : 2) : image;
}
#endif

// An image of any format that this program reads. `name` begins the messages of errors.
inline tessera::Image decode_any_format(FileBytes file, std::string_view name, const tessera::ImageOptions& options) {
  const std::string_view head(reinterpret_cast<const char*>(file.data()), std::min<std::size_t>(file.size(), 16));
  [[maybe_unused]] const bool upright = options.orientation == tessera::Orientation::upright;
  if (head.starts_with("BM") && file.size() > 54) return decode_bmp(file, name);
#ifdef TESSERA_EXAMPLES_WEBP
  if (head.size() > 12 && head.starts_with("RIFF") && head.substr(8).starts_with("WEBP")) return decode_webp(file, name, upright);
#endif
#ifdef TESSERA_EXAMPLES_GIF
  if (head.starts_with("GIF87a") || head.starts_with("GIF89a")) return decode_gif(file, name);
#endif
#ifdef TESSERA_EXAMPLES_TIFF
  // 43 in the place of 42, the asterisk, is BigTIFF.
  for (const std::string_view start :
       {std::string_view("II*\0", 4), std::string_view("MM\0*", 4), std::string_view("II+\0", 4), std::string_view("MM\0+", 4)})
    if (head.starts_with(start)) return decode_tiff(file, name);
#endif
#ifdef TESSERA_EXAMPLES_AVIF
  if (head.substr(std::min<std::size_t>(head.size(), 4)).starts_with("ftypavi")) return decode_avif(file, name, upright);
#endif
  return tessera::decode_image(file, name, options);
}
