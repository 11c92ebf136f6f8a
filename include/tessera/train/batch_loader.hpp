// SPDX-License-Identifier: MIT
#pragma once

// Batches of training examples, made ahead on threads of their own. What is in a batch depends on the seed, the epoch and the number of the
// batch alone.
//
//     tessera::BatchLoader loader(cache, labels, {.shape = {32, 32, 3}, .classes = 10, .how = Net::preprocessing});
//     loader.start(epoch);
//     for (tessera::TrainingBatch batch; loader.next(batch);) ...
//
// Memory: threads + 2 batches, and what the cache holds.

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tessera/core/batch.hpp"
#include "tessera/core/compiled.hpp"
#include "tessera/train/augment.hpp"
#include "tessera/train/image_cache.hpp"
#include "tessera/train/mixing.hpp"

namespace tessera {

struct TrainingBatch {
  // Prepared as the network takes them.
  Batch<any_shape> images{0, Shape{1, 1, 1}};
  std::vector<float> targets;        // images × classes: the probability of each class
  std::vector<std::size_t> numbers;  // of each image in the set
};

struct BatchLoaderOptions {
  Shape shape;  // of the network's input
  int classes = 0;
  Preprocessing how;            // of the pictures
  Augmentation augmentation{};  // of each picture
  Mixing mixing{};              // of each batch
  int batch = 128;              // images at most; an epoch is divided evenly
  int threads = 1;              // that decode and augment; 0: next() does it itself
  std::uint64_t seed = 0;
  bool shuffle = true;  // each epoch in an order of its own; otherwise in the order of the set
};

class BatchLoader {
 public:
  // A batch has pictures of the cache: image i is picture pictures[i] and has the class labels[i], from 0. The cache has to live as long.
  // Throws Error if the numbers do not fit or the set is empty.
  BatchLoader(ImageCache& cache, std::vector<std::size_t> pictures, std::vector<int> labels, const BatchLoaderOptions& options);
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;
  ~BatchLoader();

  // Images of an epoch.
  std::size_t images() const { return pictures_.size(); }
  // Batches of an epoch.
  int batches() const { return batches_; }
  // Begins with this batch of this epoch. What was made ahead for another is given up.
  void start(int epoch, int first_batch = 0);
  // The next batch of the epoch; false at its end. Throws what decoding a picture threw.
  bool next(TrainingBatch& out);

 private:
  struct Made {
    TrainingBatch batch;
    std::exception_ptr error;
  };
  using Order = std::vector<std::size_t>;
  Made make(int epoch, int number, const Order& order) const;
  Order order_of(int epoch) const;
  void work();

  ImageCache& cache_;
  std::vector<std::size_t> pictures_;
  std::vector<int> labels_;
  BatchLoaderOptions options_;
  int batches_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, Made> made_;  // by number of the batch
  std::shared_ptr<const Order> order_;
  int epoch_ = 0, turn_ = 0, begun_ = 0, given_ = 0;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/train/batch_loader_inl.hpp"
#endif
