// SPDX-License-Identifier: MIT
#include "tessera/train/batch_loader.hpp"

#include <set>

#include "../catch.hpp"
#include "../vision/fixtures.hpp"

using tessera::BatchLoader;
using tessera::BatchLoaderOptions;
using tessera::Image;
using tessera::ImageCache;
using tessera::TrainingBatch;

namespace {

Image loader_picture(std::size_t i) {
  Image image = fixtures::pattern("noise", 20 + static_cast<int>(i), 30);
  image.data()[0] = static_cast<std::uint8_t>(i);
  return image;
}

constexpr std::size_t loader_pictures = 23;

BatchLoaderOptions loader_options(int threads) {
  return {.shape = {16, 16, 3},
          .classes = 3,
          .how = tessera::imagenet_preprocessing,
          .augmentation = {.operations = 1},
          .mixing = {.mixup = 0.5, .cutmix = 1, .probability = 0.7},
          .batch = 5,
          .threads = threads,
          .seed = 11};
}

// Picture 2·i, of class i mod 3.
struct LabelledSet {
  std::vector<std::size_t> numbers;
  std::vector<int> labels;
  LabelledSet() {
    for (std::size_t i = 0; 2 * i < loader_pictures; ++i) numbers.push_back(2 * i), labels.push_back(static_cast<int>(i % 3));
  }
};

std::vector<TrainingBatch> epoch_of(BatchLoader& loader, int epoch, int first = 0) {
  std::vector<TrainingBatch> all;
  loader.start(epoch, first);
  for (TrainingBatch batch; loader.next(batch);) all.push_back(batch);
  return all;
}
bool same_batch(const TrainingBatch& a, const TrainingBatch& b) {
  return a.images == b.images && a.targets == b.targets && a.numbers == b.numbers;
}

}  // namespace

TEST_CASE("Batches are the same for any number of threads, any cache, and from any beginning") {
  const LabelledSet set;
  ImageCache large(loader_pictures, loader_picture), none(loader_pictures, loader_picture, {.bytes = 0});
  BatchLoader alone(large, set.numbers, set.labels, loader_options(0));
  REQUIRE(alone.batches() == 3);  // 12 images, four in each
  for (const int threads : {1, 3}) {
    BatchLoader loader(none, set.numbers, set.labels, loader_options(threads));
    for (const int epoch : {0, 1, 5}) {
      const auto expected = epoch_of(alone, epoch), found = epoch_of(loader, epoch), end = epoch_of(loader, epoch, 2);
      REQUIRE(found.size() == 3);
      REQUIRE(end.size() == 1);
      for (std::size_t b = 0; b < 3; ++b) CHECK(same_batch(found[b], expected[b]));
      CHECK(same_batch(end[0], expected[2]));
    }
    // What was made ahead is given up.
    loader.start(0);
    TrainingBatch batch;
    CHECK(loader.next(batch));
    loader.start(5);
    CHECK(loader.next(batch));
    CHECK(same_batch(batch, epoch_of(alone, 5)[0]));
  }
  CHECK(none.bytes() == 0);
}

TEST_CASE("An epoch has each image once, in an order of its own, with its class") {
  const LabelledSet set;
  ImageCache cache(loader_pictures, loader_picture);
  BatchLoaderOptions plain = loader_options(1);
  plain.mixing = {};
  BatchLoader loader(cache, set.numbers, set.labels, plain);
  std::set<std::vector<std::size_t>> orders;
  for (int epoch = 0; epoch < 4; ++epoch) {
    std::vector<std::size_t> order;
    for (const TrainingBatch& batch : epoch_of(loader, epoch)) {
      CHECK(batch.images.count() == 4);
      for (std::size_t i = 0; i < batch.numbers.size(); ++i) {
        order.push_back(batch.numbers[i]);
        for (std::size_t k = 0; k < 3; ++k) CHECK(batch.targets[i * 3 + k] == (k == batch.numbers[i] % 3 ? 1.0F : 0.0F));
      }
    }
    orders.insert(order);
    CHECK(std::set<std::size_t>(order.begin(), order.end()).size() == 12);
  }
  CHECK(orders.size() == 4);
}

TEST_CASE("Without shuffling and changes the batches are what prediction sees") {
  const LabelledSet set;
  ImageCache cache(loader_pictures, loader_picture);
  BatchLoader loader(cache, set.numbers, set.labels,
                     {.shape = {16, 16, 3},
                      .classes = 3,
                      .how = tessera::imagenet_preprocessing,
                      .augmentation = {.crop = tessera::RandomCrop::none, .flip = 0},
                      .batch = 7,
                      .shuffle = false});
  std::size_t i = 0;
  for (const TrainingBatch& batch : epoch_of(loader, 0))
    for (int b = 0; b < batch.images.count(); ++b, ++i) {
      const auto expected = tessera::preprocess(loader_picture(2 * i), tessera::imagenet_preprocessing, 16);
      CHECK(std::equal(expected.begin(), expected.end(), batch.images[b].data()));
    }
  CHECK(i == 12);
}

TEST_CASE("A picture that cannot be decoded ends the batch with its error") {
  const LabelledSet set;
  ImageCache cache(loader_pictures, [](std::size_t i) { return i == 6 ? throw tessera::Error("six") : loader_picture(i); });
  for (const int threads : {0, 2}) {
    BatchLoader loader(cache, set.numbers, set.labels, loader_options(threads));
    CHECK_THROWS_WITH(epoch_of(loader, 0), "six");
  }
}

TEST_CASE("A loader refuses a set that does not fit") {
  ImageCache cache(loader_pictures, loader_picture);
  CHECK_THROWS_AS(BatchLoader(cache, {}, {}, loader_options(0)), tessera::Error);
  CHECK_THROWS_AS(BatchLoader(cache, {1, 2}, {0}, loader_options(0)), tessera::Error);
  CHECK_THROWS_WITH(BatchLoader(cache, {1}, {3}, loader_options(0)), "BatchLoader: found class 3, expected 0 to 2");
  CHECK_THROWS_WITH(BatchLoader(cache, {23}, {0}, loader_options(0)), "BatchLoader: found picture 23, expected less than 23");
}
