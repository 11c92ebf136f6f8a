// SPDX-License-Identifier: MIT
//
// One model, any number of threads: nothing is shared but what never changes, and what workers share within a forward pass is waited for.
// Meant for ThreadSanitizer.

#include <thread>
#include <vector>

#include "catch.hpp"
#include "networks.hpp"
#include "random.hpp"
#include "tessera/threads/thread_pool_workers.hpp"

using namespace tessera;

TEMPLATE_LIST_TEST_CASE("One model serves several threads at once", "", Networks) {
  constexpr std::size_t count = 4;
  const Model<TestType> model(random_weights<TestType>());
  std::vector<Tensor<TestType::output>> want, got(count);
  for (std::uint64_t image = 0; image < count; ++image) want.push_back(model(random_tensor<TestType::input>(image)));
  std::vector<std::thread> threads;
  for (std::uint64_t image = 0; image < count; ++image)
    threads.emplace_back([&, image] {
      const auto x = random_tensor<TestType::input>(image);
      for (int round = 0; round < 3; ++round) got[image] = model(x);
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t image = 0; image < count; ++image) REQUIRE(std::equal(want[image].begin(), want[image].end(), got[image].begin()));
}

TEMPLATE_LIST_TEST_CASE("Workers share the images of a batch, and the work of one image", "", Networks) {
  constexpr int count = 4;
  const Model<TestType> model(random_weights<TestType>());
  Batch<TestType::input> x(count);
  for (int image = 0; image < count; ++image) {
    const auto pixels = random_tensor<TestType::input>(static_cast<std::uint64_t>(image));
    std::copy(pixels.begin(), pixels.end(), x[image].data());
  }
  const auto want = model(x);
  ThreadPoolWorkers workers(3);
  Scratch scratch = model.make_scratch(workers);
  Batch<TestType::output> y(count);
  for (int round = 0; round < 3; ++round) {
    model.forward(x, y, scratch);
    REQUIRE(std::equal(want.data(), want.data() + want.size(), y.data()));
  }
}
