// SPDX-License-Identifier: MIT
//
// A network of one's own from parts of four families: ConvMLP's tokenizer, a Mixer block, SPACH's attention beside a depthwise
// convolution, a ResMLP block. Widths and grids follow from the first line; what does not fit does not compile. It gets every fast kernel
// that the families have, so its scores are checked against the reference forward here.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tessera/engine/model.hpp"
#include "tessera/models/conv_mlp.hpp"
#include "tessera/models/mlp_mixer.hpp"
#include "tessera/models/resmlp.hpp"
#include "tessera/models/spach.hpp"

using namespace tessera;

using AttentionBesideConvolution =
    Residual<Parallel<Sequential<Named<"norm", LayerNorm<>>, Named<"attention", Attention<4>>, Named<"gamma", LayerScale>>,
                      Named<"position", DepthwiseConvolution<>>>>;

using Mosaic =
    Network<Shape{64, 64, 3},                                                                       // 64×64 RGB
            Named<"tokenizer", ConvMlpTokenizer<48>>,                                               // 16×16 tokens of 48 channels
            Named<"mixer", Repeat<2, MixerBlock<128, 96>>>, Named<"halve", ConvMlpDownsample<96>>,  // 8×8 tokens of 96 channels
            Named<"spach",
                  Repeat<2, Sequential<AttentionBesideConvolution, Residual<Named<"norm2", LayerNorm<>>, Named<"mlp", FeedForward<192>>>>>>,
            Named<"resmlp", ResMlpBlock<192>>, Named<"norm", Affine>, MeanPool, Named<"head", Linear<10>>>;
static_assert(Mosaic::output == Shape{1, 1, 10} && Mosaic::parameter_count < 410'000);

int main() {
  Weights<Mosaic> weights;
  weights.allocate();
  for (const auto& [key, parameter] : weights.parameters())  // a checkpoint would give the values: see tessera::load
    for (std::size_t i = 0; float& value : weights[key]) value = 0.05F + 0.04F * std::sin(static_cast<float>(i++));
  Tensor<Mosaic::input> image;
  for (std::size_t i = 0; float& value : image) value = std::cos(static_cast<float>(i++));

  const Model<Mosaic> model(weights);
  const auto fast = model(image), reference = weights(image);
  float difference = 0, largest = 1;
  for (std::size_t k = 0; k < fast.size(); ++k) {
    difference = std::max(difference, std::abs(fast[k] - reference[k]));
    largest = std::max(largest, std::abs(reference[k]));
  }
  std::printf("%lld parameters, %lld multiply-accumulates; engine and reference differ by %g of %g\n",
              static_cast<long long>(Mosaic::parameter_count), static_cast<long long>(Mosaic::macs), static_cast<double>(difference),
              static_cast<double>(largest));
  return difference <= 1e-5F * largest ? 0 : 1;
}
