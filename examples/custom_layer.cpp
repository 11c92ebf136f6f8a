// SPDX-License-Identifier: MIT
//
// A layer of one's own, composed with the library's: squeeze-and-excitation gates, y[n,c] = x[n,c] · sigmoid(w[c]·mean(x[:,c]) + b[c]).
// No fast kernel is needed: what the engine does not know runs as it is written here.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tessera/core/eigen.hpp"
#include "tessera/engine/model.hpp"
#include "tessera/models/resmlp.hpp"

struct Gate {
  template <tessera::Shape In>
  class At {
   public:
    static constexpr tessera::Shape input = In, output = In;

    void forward(tessera::View<In> x, tessera::MutableView<In> y, tessera::Scratch&) const {
      for (int c = 0; c < In.channels; ++c) {
        const float mean = x.matrix().col(c).mean();
        const float gate = 1.0F / (1.0F + std::exp(-(weight_.data()[c] * mean + bias_.data()[c])));
        y.matrix().col(c) = x.matrix().col(c) * gate;
      }
    }
    static constexpr void visit_parameters(auto& self, auto&& visit) {
      visit("weight", self.weight_);
      visit("bias", self.bias_);
    }

   private:
    tessera::Parameter weight_{In.channels}, bias_{In.channels};
  };
};

using namespace tessera;
using GatedResMlp = Network<Shape{32, 32, 3}, Named<"stem", PatchEmbed<4, 48>>,
                            Named<"blocks", Repeat<2, Sequential<ResMlpBlock<96>, Residual<Named<"gate", Gate>>>>>, Named<"norm", Affine>,
                            MeanPool, Named<"head", Linear<10>>>;
static_assert(GatedResMlp::output == Shape{1, 1, 10});

int main() {
  Weights<GatedResMlp> weights;
  weights.allocate();
  for (const auto& [key, parameter] : weights.parameters()) {
    std::ranges::fill(weights[key], 0.05F);
    std::printf("%-36s %lld\n", key.c_str(), static_cast<long long>(parameter->size()));
  }
  const Model<GatedResMlp> model(weights);
  const auto scores = model(Tensor<GatedResMlp::input>());
  std::printf("%lld parameters, first score %g\n", static_cast<long long>(GatedResMlp::parameter_count), static_cast<double>(scores[0]));
}
