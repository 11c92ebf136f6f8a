// SPDX-License-Identifier: MIT
//
// One model, any number of threads: nothing is shared but what never changes. Meant for ThreadSanitizer.

#include <thread>
#include <vector>

#include "catch.hpp"
#include "networks.hpp"
#include "random.hpp"

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
