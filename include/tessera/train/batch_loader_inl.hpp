// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/train/batch_loader.hpp"

namespace tessera {

TESSERA_COLD_INLINE BatchLoader::BatchLoader(ImageCache& cache, std::vector<std::size_t> pictures, std::vector<int> labels,
                                             const BatchLoaderOptions& options)
    : cache_(cache), pictures_(std::move(pictures)), labels_(std::move(labels)), options_(options) {
  if (options.batch < 1 || options.threads < 0 || options.classes < 1)
    detail::fail("BatchLoader: found batches of ", options.batch, ", ", options.threads, " threads and ", options.classes,
                 " classes, expected at least 1, 0 and 1");
  if (pictures_.empty() || pictures_.size() != labels_.size())
    detail::fail("BatchLoader: found ", pictures_.size(), " pictures and ", labels_.size(), " labels, expected as many, and at least one");
  if (options.shape.channels != 3) detail::fail("BatchLoader: found the shape ", options.shape, ", expected three channels");
  detail::checked_image_size(options.shape.height, options.shape.width, "BatchLoader");
  for (const int label : labels_)
    if (label < 0 || label >= options.classes) detail::fail("BatchLoader: found class ", label, ", expected 0 to ", options.classes - 1);
  for (const std::size_t picture : pictures_)
    if (picture >= cache.count()) detail::fail("BatchLoader: found picture ", picture, ", expected less than ", cache.count());
  detail::check_augmentation(options.augmentation);
  const auto images = static_cast<std::int64_t>(pictures_.size());
  batches_ = static_cast<int>((images + options.batch - 1) / options.batch);
  given_ = begun_ = batches_;
  for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { work(); });
}

TESSERA_COLD_INLINE BatchLoader::~BatchLoader() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

TESSERA_INLINE BatchLoader::Order BatchLoader::order_of(int epoch) const {
  Order order(pictures_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (!options_.shuffle) return order;
  Draws draws(options_.seed, DrawPurpose::order, static_cast<std::uint32_t>(epoch), 0);
  for (std::size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[draws.below(static_cast<std::uint32_t>(i + 1))]);
  return order;
}

TESSERA_INLINE void BatchLoader::start(int epoch, int first_batch) {
  if (epoch < 0 || first_batch < 0 || first_batch > batches_)
    detail::fail("BatchLoader: found epoch ", epoch, " and batch ", first_batch, ", expected at least 0 and at most ", batches_,
                 " batches");
  auto order = std::make_shared<const Order>(order_of(epoch));
  {
    const std::lock_guard lock(mutex_);
    ++turn_;
    made_.clear();
    order_ = std::move(order);
    epoch_ = epoch;
    begun_ = given_ = first_batch;
  }
  changed_.notify_all();
}

TESSERA_INLINE bool BatchLoader::next(TrainingBatch& out) {
  std::unique_lock lock(mutex_);
  if (given_ == batches_) return false;
  if (threads_.empty()) made_[given_] = make(epoch_, given_, *order_);
  changed_.wait(lock, [&] { return made_.contains(given_); });
  Made made = std::move(made_.extract(given_).mapped());
  ++given_;
  lock.unlock();
  changed_.notify_all();
  if (made.error) std::rethrow_exception(made.error);
  out = std::move(made.batch);
  return true;
}

TESSERA_INLINE BatchLoader::Made BatchLoader::make(int epoch, int number, const Order& order) const {
  Made made;
  try {
    const std::size_t all = order.size(), parts = static_cast<std::size_t>(batches_), part = static_cast<std::size_t>(number);
    const std::size_t first = part * all / parts, count = (part + 1) * all / parts - first,
                      classes = static_cast<std::size_t>(options_.classes);
    made.batch.images = Batch<any_shape>(static_cast<int>(count), options_.shape);
    made.batch.targets.assign(count * classes, 0.0F);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t image = order[first + i];
      Draws draws(options_.seed, DrawPurpose::augmentation, static_cast<std::uint32_t>(epoch), static_cast<std::uint32_t>(image));
      const auto to = made.batch.images[static_cast<int>(i)];
      augment_into(*cache_[pictures_[image]], options_.how, options_.augmentation, draws, detail::PixelView(to.data(), to.shape()));
      made.batch.targets[i * classes + static_cast<std::size_t>(labels_[image])] = 1;
      made.batch.numbers.push_back(image);
    }
    Draws draws(options_.seed, DrawPurpose::mixing, static_cast<std::uint32_t>(epoch), static_cast<std::uint32_t>(number));
    mix({made.batch.images.data(), made.batch.images.size()}, options_.shape, made.batch.targets, options_.mixing, draws);
  } catch (...) {
    made.error = std::current_exception();
  }
  return made;
}

TESSERA_INLINE void BatchLoader::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return ended_ || (begun_ < batches_ && begun_ <= given_ + options_.threads); });
    if (ended_) return;
    const int number = begun_++, epoch = epoch_, turn = turn_;
    const std::shared_ptr<const Order> order = order_;
    lock.unlock();
    Made made = make(epoch, number, *order);
    lock.lock();
    if (turn != turn_) continue;  // another epoch was asked for in the meantime
    made_.insert_or_assign(number, std::move(made));
    changed_.notify_all();
  }
}

}  // namespace tessera
