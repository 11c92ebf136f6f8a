// SPDX-License-Identifier: MIT
//
// Threads change nothing but the time: the laws of a forward pass with workers, for every family.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#define EIGEN_USE_THREADS
#include "catch.hpp"
#include "networks.hpp"
#include "random.hpp"
#include "tessera/core/eigen_tensor.hpp"
#include "tessera/threads/thread_pool_workers.hpp"

using namespace tessera;

// Attention, a feed-forward, and token mixing by Strassen's algorithm.
using Wide = Network<Shape{12, 8, 256}, Residual<LayerNorm<>, Named<"a", Attention<4>>>, Residual<Named<"f", FeedForward<512>>>>;
using Long = Network<Shape{14, 14, 128}, Residual<LayerNorm<>, Named<"m", AcrossTokens<FeedForward<196>>>>,
                     Residual<Named<"a", Affine>, Named<"p", AcrossTokens<Linear<>>>, Named<"s", LayerScale>>>;
// A convolution that is pooled in several bands.
using Pooled = Network<Shape{67, 60, 16}, Sequential<Named<"c", Convolution<16, 3, 1, 1>>, Named<"n", BatchNorm>, Relu>, MaxPool<3, 2, 1>>;
// Layers that stand alone.
using Alone = Network<Shape{9, 11, 40}, Named<"n", GroupNorm<5>>, Gated<Silu>, Named<"l", Linear<38>>, Gated<Named<"m", LayerNorm<>>>,
                      AcrossTokens<FeedForward<30>>, AcrossTokens<Linear<>>, Named<"a", Attention<1>>>;
using AllNetworks = decltype(std::tuple_cat(std::declval<Networks>(), std::declval<std::tuple<Wide, Long, Pooled, Alone>>()));

TEMPLATE_LIST_TEST_CASE("Every number of threads and every batch size gives the same bits", "", AllNetworks) {
  constexpr int most = 5;
  const Model<TestType> model(random_weights<TestType>());
  std::vector<Tensor<TestType::output>> want;
  for (std::uint64_t image = 0; image < most; ++image) want.push_back(model(random_tensor<TestType::input>(image)));
  for (const int threads : {1, 2, 3}) {
    ThreadPoolWorkers workers(threads);
    Scratch scratch = model.make_scratch(workers);
    for (const int count : {1, 2, most}) {
      CAPTURE(threads, count);
      Batch<TestType::input> x(count);
      Batch<TestType::output> y(count);
      for (int image = 0; image < count; ++image) {
        const auto pixels = random_tensor<TestType::input>(static_cast<std::uint64_t>(image));
        std::copy(pixels.begin(), pixels.end(), x[image].data());
      }
      model.forward(x, y, scratch);
      const auto z = model(x, workers);
      for (int image = 0; image < count; ++image) {
        const auto& scores = want[static_cast<std::size_t>(image)];
        REQUIRE(std::equal(scores.begin(), scores.end(), y[image].data()));
        REQUIRE(std::equal(scores.begin(), scores.end(), z[image].data()));
      }
    }
  }
}

TEST_CASE("Each job is run once, by a worker that runs no other at the same time") {
  for (const int threads : {1, 2, 4}) {
    ThreadPoolWorkers workers(threads);
    REQUIRE(workers.count() == threads);
    for (const int jobs : {0, 1, 2, 3, 7, 100, 70'000, 140'000}) {
      struct Seen {
        std::vector<std::atomic<int>> times;
        std::vector<std::atomic<bool>> running;
        std::atomic<bool> overlap{false};
      } seen{std::vector<std::atomic<int>>(static_cast<std::size_t>(jobs)),
             std::vector<std::atomic<bool>>(static_cast<std::size_t>(threads))};
      const Workers::Job note = [](const void* context, std::ptrdiff_t job, int worker) {
        Seen& all = *static_cast<Seen*>(const_cast<void*>(context));
        if (all.running[static_cast<std::size_t>(worker)].exchange(true)) all.overlap = true;
        ++all.times[static_cast<std::size_t>(job)];
        all.running[static_cast<std::size_t>(worker)] = false;
      };
      for (int round = 1; round <= (jobs > 1000 ? 2 : 50); ++round) {
        workers.run(jobs, note, &seen);
        REQUIRE(std::all_of(seen.times.begin(), seen.times.end(), [&](const auto& times) { return times == round; }));
      }
      REQUIRE(!seen.overlap);
    }
  }
}

TEST_CASE("A helper comes to every turn, also to one that begins while it leaves") {
  using Clock = std::chrono::steady_clock;
  ThreadPoolWorkers workers(2, ThreadPoolWorkers::Stopped::go_on);
  std::atomic<int> met{0};
  // Of two jobs the caller's waits for the helper's, a minute at most.
  const Workers::Job meet = [](const void* context, std::ptrdiff_t job, int) {
    std::atomic<int>& all = *static_cast<std::atomic<int>*>(const_cast<void*>(context));
    ++all;
    for (const auto start = Clock::now(); job == 0 && all % 2 == 1 && Clock::now() < start + std::chrono::minutes(1);)
      std::this_thread::yield();
    if (job == 0 && all % 2 == 1) all = -1;
  };
  for (int turn = 1; turn <= 1500; ++turn) {
    // About as long as a helper without jobs stays.
    for (const auto start = Clock::now(); Clock::now() < start + std::chrono::microseconds(150 + turn % 100);) std::this_thread::yield();
    workers.run(2, meet, &met);
    REQUIRE(met == 2 * turn);
  }
}

TEST_CASE("A worker begins with its own jobs, from the front, and then takes those of others from the back") {
  ThreadPoolWorkers workers(2, ThreadPoolWorkers::Stopped::go_on);
  struct Order {
    std::atomic<int> jobs{0};
    std::ptrdiff_t of_helper[8];
  };
  // Job 0, the caller's first one, lasts until all others are done.
  const Workers::Job note = [](const void* context, std::ptrdiff_t job, int) {
    Order& order = *static_cast<Order*>(const_cast<void*>(context));
    if (job == 0) {
      while (order.jobs < 7) std::this_thread::yield();
    } else {
      order.of_helper[order.jobs++] = job;
    }
  };
  for (int turn = 0; turn < 2000; ++turn) {
    Order order;
    workers.run(8, note, &order);
    REQUIRE(std::vector<std::ptrdiff_t>(order.of_helper, order.of_helper + 7) == std::vector<std::ptrdiff_t>{4, 5, 6, 7, 3, 2, 1});
  }
}

TEST_CASE("Work is split into ranges that begin at whole steps, and what is shared out inside runs in order") {
  ThreadPoolWorkers workers(3);
  Scratch scratch(64, &workers);
  for (const std::ptrdiff_t n : {1, 6, 7, 8, 50, 1000}) {
    std::vector<int> times(static_cast<std::size_t>(n));
    std::atomic<bool> whole{true}, in_order{true};
    scratch.split(n, 7, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
      if (first % 7 != 0) whole = false;
      for (std::ptrdiff_t i = first; i < first + count; ++i) ++times[static_cast<std::size_t>(i)];
      if (n > 7) {
        std::ptrdiff_t next = 0;
        own.share(5, [&](std::ptrdiff_t job, Scratch& same) { in_order = in_order && &same == &own && job == next++; });
      }
    });
    REQUIRE(times == std::vector<int>(static_cast<std::size_t>(n), 1));
    REQUIRE(whole);
    REQUIRE(in_order);
  }
}

TEST_CASE("Jobs that do not go round are run by all workers together") {
  ThreadPoolWorkers workers(3);
  Scratch scratch(64, &workers);
  std::atomic<int> alone{0}, together{0};
  scratch.share(8, [&](std::ptrdiff_t, Scratch& own) { ++(own.workers() == 1 ? alone : together); });
  REQUIRE(alone == 6);
  REQUIRE(together == 2);
}

TEST_CASE("The pool of a device of one's own is used, and the pool's own threads run their jobs alone") {
  Eigen::ThreadPool pool(2);
  const Eigen::ThreadPoolDevice device(&pool, 2);
  ThreadPoolWorkers workers(device);
  REQUIRE(workers.count() == 2);
  using Model = tessera::Model<std::tuple_element_t<0, Networks>>;
  const Model model(random_weights<Model::network>());
  const auto x = random_tensor<Model::input>();
  const auto want = model(x);
  const auto run = [&](Tensor<Model::output>& y) {
    Scratch scratch = Model::make_scratch(workers);
    model.forward(x.view(), y.view(), scratch);
  };
  Tensor<Model::output> here, there, elsewhere;
  Eigen::Barrier done(1);
  pool.Schedule([&] {
    run(there);
    done.Notify();
  });
  std::thread other([&] { run(elsewhere); });
  run(here);
  other.join();
  done.Wait();
  for (const auto* y : {&here, &there, &elsewhere}) REQUIRE(std::equal(want.begin(), want.end(), y->begin()));
}

TEST_CASE("A batch of results of another size is an error") {
  using Model = tessera::Model<std::tuple_element_t<0, Networks>>;
  const Model model(random_weights<Model::network>());
  Scratch scratch = Model::make_scratch();
  const Batch<Model::input> x(2);
  Batch<Model::output> y(3);
  REQUIRE_THROWS_WITH(model.forward(x, y, scratch), "Model: found room for 3 results, expected 2");
}
