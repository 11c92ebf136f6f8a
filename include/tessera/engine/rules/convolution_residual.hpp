// SPDX-License-Identifier: MIT
#pragma once

// A residual branch that ends in a 1×1 convolution with batch norm and ReLU, ConvMLP's convolution block: what enters the last product
// is a map of its own, so its sums are added to x while they are in cache.
//
//     x += relu(BN(W∗B(A(x))))        A, B: convolutions with batch norm and ReLU

#include "tessera/engine/rules/convolution.hpp"

namespace tessera::detail {

// A convolution with batch norm and ReLU, without names.
template <class L>
inline constexpr bool is_convolution_unit = false;
template <class Conv>
inline constexpr bool is_convolution_unit<Sequential<Conv, BatchNorm, Relu>> = is_convolution<Conv>;

template <Engine E, class A, class B, int Channels, Bias WithBias, class Original, class Bound>
  requires(is_convolution_unit<A> && is_convolution_unit<B>)
class Lowered<E, Residual<A, B, Sequential<Convolution<Channels, 1, 1, 0, WithBias>, BatchNorm, Relu>>, Original, Bound> {
  using Members = typename Bound::Branch::Members;
  using First = LoweredOf<E, A, typename Members::Head>;
  using Second = LoweredOf<E, B, typename Members::Tail::Head>;
  using LastMembers = typename Members::Tail::Tail::Head::Members;
  using Last = ConvolutionStep<E, Convolution<Channels, 1, 1, 0, WithBias>, typename LastMembers::Head, ReluKernel>;

 public:
  static constexpr std::string_view branch_label = result_label<SequentialOf<Original>>;
  explicit Lowered(const Bound& layer) : Lowered(layer.branch().members(), layer.branch().members().tail.tail.head.members()) {}

  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape in) {
    const Shape middle = First::output_shape(in), last = Second::output_shape(middle);
    return 2 * branch_floats(in) + std::max({First::scratch_floats(in), Second::scratch_floats(middle), Last::scratch_floats(last)});
  }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }

  void run(Flow& flow, Scratch& scratch) const {
    Scratch::Frame frame(scratch);
    const std::size_t floats = branch_floats(flow.shape());
    Flow branch(flow.x(), flow.shape(), frame.take(floats), frame.take(floats), nullptr);
    first_.run(branch, scratch);
    second_.run(branch, scratch);
    if (flow.wants(branch_label)) {
      Buffer alone(static_cast<std::size_t>(flow.shape().size()));
      last_.add(branch, alone.data(), scratch);
      flow.show(branch_label, flow.shape(), alone.data());
    }
    last_.add(branch, flow.in_place(), scratch);
  }

 private:
  Lowered(const Members& members, const LastMembers& last)
      : first_(members.head), second_(members.tail.head), last_(last.head, ChannelFold(last.head, last.tail.head)) {}
  static constexpr std::size_t branch_floats(Shape in) {
    return std::max(First::flow_floats(in), Second::flow_floats(First::output_shape(in)));
  }

  First first_;
  Second second_;
  Last last_;
};

}  // namespace tessera::detail
