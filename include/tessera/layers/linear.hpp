// SPDX-License-Identifier: MIT
#pragma once

// Dense layer over channels, the same for every position (Linear<> keeps the number of channels):
//
//     y[n,k] = Σ_c W[k,c] · x[n,c] + b[k]
//
// x: N×C    y: N×K    W: K×C    b: K        Keys: weight, bias.

#include "tessera/layers/layer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera {

inline constexpr int SameChannels = 0;

// Out: the number of output channels K; SameChannels: as many as the input has.
template <int Out = SameChannels>
struct Linear {
  template <Shape In>
  class At {
    static constexpr int outputs = Out == SameChannels ? In.channels : Out;

   public:
    static constexpr Shape input = In, output{In.height, In.width, outputs};
    static constexpr Shape output_shape(Shape in) { return {in.height, in.width, outputs}; }
    static constexpr std::int64_t macs(Shape in) { return in.size() * outputs; }

    void forward(View<input> x, MutableView<output> y, Scratch&) const { detail::reference_linear(x, weight_, &bias_, y); }

    static constexpr void visit_parameters(auto& self, auto&& visit) {
      visit("weight", self.weight_);
      visit("bias", self.bias_);
    }

    const Parameter& weight() const { return weight_; }
    const Parameter& bias() const { return bias_; }

   private:
    Parameter weight_{outputs, In.channels}, bias_{outputs};
  };
};

}  // namespace tessera
