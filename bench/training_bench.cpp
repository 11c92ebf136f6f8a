// SPDX-License-Identifier: MIT

// A training step of the bundled networks, forward, backward and AdamW, in images per second of processor time, and the peak of memory. One
// network a process:
//
//     training_bench resmlp_cifar10 [THREADS] [BATCH] [STEPS]
//
// bench/training_step.py measures PyTorch's in the same way.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "tessera/io/fill.hpp"
#include "tessera/models/cifar10.hpp"
#include "tessera/threads/thread_pool_workers.hpp"
#include "tessera/train/initialise.hpp"
#include "tessera/train/optimiser.hpp"
#include "tessera/train/trainer.hpp"

namespace {

template <class Network>
bool measure(const std::string& name, int threads, int batch, int steps) {
  if (name != Network::name) return false;
  tessera::Weights<Network> weights;
  weights.allocate();
  tessera::initialise(weights, 1);
  tessera::ThreadPoolWorkers workers(threads);
  tessera::Trainer<Network> trainer(std::move(weights), {.workers = &workers});
  tessera::Optimiser optimiser(trainer.parameters());
  tessera::Batch<Network::input> images(batch);
  tessera::fill("input", 1, -2, 2, {images.data(), images.size()});
  const std::vector<float> targets(static_cast<std::size_t>(batch) * 10, 0.1F);
  double wall = 1e9, processor = 1e9;
  for (int step = 0; step < steps; ++step) {
    const auto begin = std::chrono::steady_clock::now();
    const std::clock_t used = std::clock();
    trainer.loss_and_gradients(images, std::span<const float>(targets));
    optimiser.step(1e-3);
    processor = std::min(processor, static_cast<double>(std::clock() - used) / CLOCKS_PER_SEC);
    wall = std::min(wall, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%-18s tessera  %8.1f images/s, %8.1f per second of processor time, %6.0f MB\n", name.c_str(), batch / wall,
              batch / processor, static_cast<double>(usage.ru_maxrss) / 1024);
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string name = count > 1 ? arguments[1] : "";
  const auto number = [&](int i, int otherwise) { return count > i ? std::atoi(arguments[i]) : otherwise; };
  const int threads = number(2, 1), batch = number(3, 128), steps = number(4, 8);
  if (batch > 0 && steps > 0 &&
      (measure<tessera::ResMlpCifar10>(name, threads, batch, steps) || measure<tessera::MixerCifar10>(name, threads, batch, steps) ||
       measure<tessera::SpachMsCifar10>(name, threads, batch, steps) || measure<tessera::ConvMlpCifar10>(name, threads, batch, steps)))
    return 0;
  std::fprintf(stderr, "usage: training_bench resmlp_cifar10|mixer_cifar10|spach_ms_cifar10|convmlp_cifar10 [THREADS] [BATCH] [STEPS]\n");
  return 2;
}
