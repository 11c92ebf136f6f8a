// SPDX-License-Identifier: MIT
#pragma once

// How the images of a batch are spread over threads: the one place of the benchmarks that knows.

#include <thread>
#include <vector>

#include "tessera/engine/model.hpp"

namespace bench {

template <class N>
class Runner {
 public:
  Runner(const tessera::Model<N>& model, int threads) : model_(model) {
    for (int thread = 0; thread < threads; ++thread) scratch_.push_back(model.make_scratch());
  }

  void operator()(const tessera::Batch<N::input>& images, tessera::Batch<N::output>& scores) {
    const int threads = std::min(static_cast<int>(scratch_.size()), images.count());
    const auto run = [&](int thread) {
      for (int image = thread; image < images.count(); image += threads)
        model_.forward(images[image], scores[image], scratch_[static_cast<std::size_t>(thread)]);
    };
    std::vector<std::thread> helpers;
    for (int thread = 1; thread < threads; ++thread) helpers.emplace_back(run, thread);
    run(0);
    for (std::thread& helper : helpers) helper.join();
  }

 private:
  const tessera::Model<N>& model_;
  std::vector<tessera::Scratch> scratch_;
};

}  // namespace bench
