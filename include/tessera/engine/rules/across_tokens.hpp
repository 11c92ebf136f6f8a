// SPDX-License-Identifier: MIT
#pragma once

// AcrossTokens<...> where no neighbour takes it in:
//
//     AcrossTokens<Linear>     y = W·x + b, one product, nothing transposed
//     any other                the map is turned, the layers run over tokens as they would over channels, and the result is turned back
//
// What is inside of the second can be asked for as it is then: a row for each channel, with the tokens in the place of the channels.

#include "tessera/engine/lowered.hpp"
#include "tessera/engine/packed/int8/token_product.hpp"
#include "tessera/kernels/turn_map.hpp"
#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/linear.hpp"

namespace tessera::detail {

template <Engine E, int Out, class Original, class Bound>
class Lowered<E, AcrossTokens<Linear<Out>>, Original, Bound> {
  static constexpr std::ptrdiff_t tokens = Bound::input.positions();
  static constexpr Algorithm algorithm = choose_token_product<E>(tokens, tokens, Bound::input.channels);

 public:
  explicit Lowered(const Bound& layer) : product_(layer.member().weight().data(), tokens, tokens), bias_(copy_of(layer.member().bias())) {}

  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape) { return TokenProduct<E, algorithm>::right_floats(tokens); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }

  void run(Flow& flow, Scratch& scratch) const {
    const Shape shape = flow.shape();
    const Epilogue epilogue{.y = flow.next(), .stride = shape.channels, .bias_of = BiasOf::token, .bias = bias_.data()};
    product_.share(shape.channels, scratch, [&](const Channels& here, Scratch& own) {
      Scratch::Frame frame(own);
      float* const right = product_.take_right(frame);
      product_.gather(flow.x(), shape.channels, here, GatherAsIs{}, right, own);
      product_.multiply(right, here, epilogue, own);
    });
    flow.advance(shape);
  }

 private:
  TokenProduct<E, algorithm> product_;
  Buffer bias_;
};

template <Engine E, class Nameless, class Original, class Bound>
class Lowered<E, AcrossTokens<Nameless>, Original, Bound> {
  template <class L>
  struct MemberOf;
  template <class L>
  struct MemberOf<AcrossTokens<L>> {
    using type = L;
  };
  using Member = typename MemberOf<typename WithoutOwnName<Original>::type>::type;
  using Step = LoweredOf<E, Member, typename Bound::Member>;
  static constexpr Shape turned = Bound::Member::input;
  static constexpr std::size_t floats = std::max(Scratch::rounded(turned), Step::flow_floats(turned));

 public:
  explicit Lowered(const Bound& layer) : step_(layer.member()) {}
  Lowered(const Bound& layer, const Lowered& first) : step_(lower_sharing(layer.member(), first.step_)) {}

  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape) { return 2 * floats + Step::scratch_floats(turned); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }

  void run(Flow& flow, Scratch& scratch) const {
    const Shape shape = flow.shape();
    const std::ptrdiff_t tokens = shape.positions(), channels = shape.channels;
    Scratch::Frame frame(scratch);
    Flow columns(flow.x(), turned, frame.take(floats), frame.take(floats), flow.watch());
    turn_map<E>(flow.x(), tokens, channels, columns.next(), scratch);
    columns.advance(turned);
    const std::size_t outer = columns.enter(label_of<Member>);
    step_.run(columns, scratch);
    columns.leave(outer, !label_of<Member>.empty());
    turn_map<E>(columns.x(), channels, tokens, flow.next(), scratch);
    flow.advance(shape);
  }
  template <class Walk>
  static constexpr void walk(Walk& walk, Shape) {
    walk_step<Step, Member, Member, typename Bound::Member>(walk, turned);
  }

 private:
  Step step_;
};

}  // namespace tessera::detail
