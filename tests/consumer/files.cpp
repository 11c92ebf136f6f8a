// SPDX-License-Identifier: MIT
//
// A checkpoint and a photo:  consumer_files CHECKPOINT PHOTO  prints the class.
#ifdef CONSUMER_MIN_MAX
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#endif

#include <cstdio>

#include <tessera/tessera.hpp>

int main(int, char** argv) {
  using Network = tessera::ResMlpCifar10;
  const auto model = tessera::load<Network>(argv[1]);
  const auto scores = model(tessera::preprocess<Network>(tessera::read_image(argv[2])));
  std::size_t best = 0;
  for (std::size_t k = 1; k < scores.size(); ++k)
    if (scores[k] > scores[best]) best = k;
  std::printf("class %zu\n", best);
}
