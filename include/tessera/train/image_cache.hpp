// SPDX-License-Identifier: MIT
#pragma once

// Decoded pictures by number, kept in memory up to a limit. Those that come first stay; the others are decoded again each time, which
// changes the speed and nothing else.

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/core/preprocessing.hpp"
#include "tessera/vision/image.hpp"

namespace tessera {

struct ImageCacheOptions {
  std::size_t bytes = std::size_t{1} << 30;  // of pixels that are kept
  // Pictures whose shorter side is longer are made smaller to it at once, bicubically. So more of them stay, and each example is made
  // faster. 0: never.
  int shorter_side = 0;
};

// Any number of threads may ask at the same time.
class ImageCache {
 public:
  // Gives the picture of a number.
  using Decode = std::function<Image(std::size_t)>;
  // `decode` gives picture i, i < count, and may be called by several threads at the same time.
  ImageCache(std::size_t count, Decode decode, const ImageCacheOptions& options = {});

  // The number of pictures.
  std::size_t count() const { return kept_.size(); }
  // Throws what `decode` throws.
  std::shared_ptr<const Image> operator[](std::size_t i);
  // What is kept at this moment.
  std::size_t bytes() const { return bytes_; }

 private:
  Decode decode_;
  ImageCacheOptions options_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<const Image>> kept_;
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/train/image_cache_inl.hpp"
#endif
