// SPDX-License-Identifier: MIT
#pragma once

// ResMLP's cross-patch sub-layer, Residual<Affine, AcrossTokens<Linear>, LayerScale>, as one product with an epilogue.
// The affine acts per channel and the weights per token, so it does not fold into them: it is done while a panel of columns of x is copied,
// before its sums replace it. LayerScale is the gain of the epilogue. Nothing is transposed: W is the left operand, rows of x are
// contiguous along the channels.

#include "tessera/engine/lowered.hpp"
#include "tessera/engine/packed/int8/token_product.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/linear.hpp"

namespace tessera::detail {

template <Engine E, int Out, class Original, class Bound>
class Lowered<E, Residual<Affine, AcrossTokens<Linear<Out>>, LayerScale>, Original, Bound> {
  static constexpr std::ptrdiff_t tokens = Bound::input.positions();
  static constexpr Algorithm algorithm = choose_token_product<E>(tokens, tokens, Bound::input.channels);

 public:
  explicit Lowered(const Bound& layer) : Lowered(layer.branch().members()) {}

  static constexpr std::string_view branch_label = result_label<SequentialOf<Original>>;
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape) { return TokenProduct<E, algorithm>::right_floats(tokens); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }

  void run(Flow& flow, Scratch& scratch) const { run_residual(addition_of(*this), branch_label, flow, scratch); }
  // x may be y.
  void add(const float* x, Shape shape, float* y, Scratch& scratch) const {
    const Epilogue epilogue{.y = y,
                            .stride = shape.channels,
                            .bias_of = BiasOf::token,
                            .bias = bias_.data(),
                            .combine = Combine::add_gain,
                            .gain = gamma_.data()};
    product_.share(shape.channels, scratch, [&](const Channels& here, Scratch& own) {
      Scratch::Frame frame(own);
      float* const right = product_.take_right(frame);
      product_.gather(x, shape.channels, here, GatherScaled{alpha_.data(), beta_.data()}, right, own);
      product_.multiply(right, here, epilogue, own);
    });
  }

 private:
  template <class Members>
  explicit Lowered(const Members& members)
      : product_(members.tail.head.member().weight().data(), tokens, tokens),
        alpha_(padded_copy<E>(members.head.alpha())),
        beta_(padded_copy<E>(members.head.beta())),
        gamma_(padded_copy<E>(members.tail.tail.head.gamma())),
        bias_(copy_of(members.tail.head.member().bias())) {}

  TokenProduct<E, algorithm> product_;
  Buffer alpha_, beta_, gamma_, bias_;
};

}  // namespace tessera::detail
