// SPDX-License-Identifier: MIT
//
// The scores of a batch of images from files, on two threads:
//   batch examples/models/resmlp_cifar10.safetensors a.jpg b.jpg c.jpg

#include <algorithm>
#include <cstdio>

#include "tessera/load_any.hpp"
#include "tessera/threads/thread_pool_workers.hpp"
#include "tessera/vision/read_image.hpp"
#include "tessera/vision/top_k.hpp"

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "batch: found %d arguments, expected WEIGHTS IMAGE...\n", argc - 1), 2;
  try {
    tessera::ThreadPoolWorkers workers(2);
    const auto model = tessera::load_any(argv[1]);
    tessera::AnyBatch images(argc - 2, model->input());
    for (int i = 0; i < images.count(); ++i) std::ranges::copy(model->preprocess(tessera::read_image(argv[2 + i])), images[i].data());
    const tessera::AnyBatch scores = model->scores(images, workers);

    for (int i = 0; i < scores.count(); ++i)
      for (const auto& best : tessera::top_k(scores[i], model->labels(), 1))
        std::printf("%s: %s, %.1f %%\n", argv[2 + i], best.label.c_str(), 100 * best.probability);
  } catch (const tessera::Error& error) {
    return std::fprintf(stderr, "batch: %s\n", error.what()), 1;
  }
}
