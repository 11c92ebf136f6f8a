// SPDX-License-Identifier: MIT
//
// A network of each family, with everything that a user may call, for the compiler's warnings.
#include <tessera/tessera.hpp>
#include <tessera/threads/thread_pool_workers.hpp>
#include <tessera/vision/read_labels.hpp>

template <class N>
void use(const std::string& path) {
  const auto weights = tessera::read_weights<N>(path);
  tessera::save(weights, path);
  const tessera::Model<N> model(weights);
  tessera::ThreadPoolWorkers workers(2);
  tessera::Batch<N::input> batch(3);
  (void)model(batch);
  (void)model(batch, workers);
  const auto input = tessera::preprocess<N>(tessera::read_image(path));
  (void)model.features(input);
  (void)model.tokens(input);
  (void)tessera::top_k(model(input), tessera::read_labels(path), 5);
}

int main(int, char** argv) {
  use<tessera::ResMlpCifar10>(argv[1]);
  use<tessera::MixerCifar10>(argv[1]);
  use<tessera::SpachMsCifar10>(argv[1]);
  use<tessera::ConvMlpCifar10>(argv[1]);
}
