// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/train/image_cache.hpp"
#include "tessera/vision/preprocess.hpp"

namespace tessera {

TESSERA_COLD_INLINE ImageCache::ImageCache(std::size_t count, Decode decode, const ImageCacheOptions& options)
    : decode_(std::move(decode)), options_(options), kept_(count) {
  if (options.shorter_side < 0) detail::fail("ImageCache: found a shorter side of ", options.shorter_side, ", expected 0 or more");
}

TESSERA_INLINE std::shared_ptr<const Image> ImageCache::operator[](std::size_t i) {
  if (i >= kept_.size()) detail::fail("ImageCache: found picture ", i, ", expected less than ", kept_.size());
  {
    const std::lock_guard lock(mutex_);
    if (kept_[i] != nullptr) return kept_[i];
  }
  Image decoded = decode_(i);
  if (options_.shorter_side > 0 && std::min(decoded.height(), decoded.width()) > options_.shorter_side)
    decoded = resize_shorter_side(decoded, options_.shorter_side, Filter::bicubic);
  auto image = std::make_shared<const Image>(std::move(decoded));
  const std::lock_guard lock(mutex_);
  if (kept_[i] == nullptr && bytes_ + image->size() <= options_.bytes) {
    kept_[i] = image;
    bytes_ += image->size();
  }
  return image;
}

}  // namespace tessera
