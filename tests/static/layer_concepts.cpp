// SPDX-License-Identifier: MIT
//
// What is a layer, and what is not.

#include "tessera/layers/affine.hpp"
#include "tessera/layers/linear.hpp"
#include "tessera/layers/named.hpp"
#include "tessera/layers/repeat.hpp"
#include "tessera/layers/residual.hpp"
#include "tessera/models/resmlp.hpp"

using namespace tessera;

constexpr Shape in{4, 4, 8}, out{4, 4, 2};

struct Good {
  static constexpr Shape input = in, output = out;
  void forward(View<in>, MutableView<out>, Scratch&) const {}
};
static_assert(BoundLayer<Good>);
static_assert(BoundLayer<Linear<2>::At<in>>);
static_assert(BoundLayer<Named<"a", Affine>::At<in>>);
static_assert(BoundLayer<ResMlpBlock<16>::At<in>>);
static_assert(BoundLayer<ResMlpS12::Bound>);

struct WithoutForward {
  static constexpr Shape input = in, output = out;
};
struct WithoutInput {
  static constexpr Shape output = out;
  void forward(View<in>, MutableView<out>, Scratch&) const {}
};
struct WithoutOutput {
  static constexpr Shape input = in;
  void forward(View<in>, MutableView<out>, Scratch&) const {}
};
struct ChangesItself {
  static constexpr Shape input = in, output = out;
  void forward(View<in>, MutableView<out>, Scratch&) {}
};
struct ChangesItsInput {
  static constexpr Shape input = in, output = out;
  void forward(MutableView<in>, MutableView<out>, Scratch&) const {}
};
struct TakesAnotherShape {
  static constexpr Shape input = in, output = out;
  void forward(View<out>, MutableView<out>, Scratch&) const {}
};
struct GivesAnotherShape {
  static constexpr Shape input = in, output = out;
  void forward(View<in>, MutableView<in>, Scratch&) const {}
};
struct WithoutScratch {
  static constexpr Shape input = in, output = out;
  void forward(View<in>, MutableView<out>) const {}
};
struct CopiesScratch {
  static constexpr Shape input = in, output = out;
  void forward(View<in>, MutableView<out>, Scratch&&) const {}
};
struct ReturnsItsOutput {
  static constexpr Shape input = in, output = out;
  Tensor<out> forward(View<in>) const { return {}; }
};
struct NeedsAnArgument {
  explicit NeedsAnArgument(int) {}
  static constexpr Shape input = in, output = out;
  void forward(View<in>, MutableView<out>, Scratch&) const {}
};
class Private {
  static constexpr Shape input = in, output = out;
  void forward(View<in>, MutableView<out>, Scratch&) const {}
};
static_assert(!BoundLayer<WithoutForward>);
static_assert(!BoundLayer<WithoutInput>);
static_assert(!BoundLayer<WithoutOutput>);
static_assert(!BoundLayer<ChangesItself>);
static_assert(!BoundLayer<ChangesItsInput>);
static_assert(!BoundLayer<TakesAnotherShape>);
static_assert(!BoundLayer<GivesAnotherShape>);
static_assert(!BoundLayer<WithoutScratch>);
static_assert(!BoundLayer<CopiesScratch>);
static_assert(!BoundLayer<ReturnsItsOutput>);
static_assert(!BoundLayer<NeedsAnArgument>);
static_assert(!BoundLayer<Private>);
static_assert(!BoundLayer<int>);
static_assert(!BoundLayer<Linear<2>>);  // a specification is not bound yet
static_assert(!BoundLayer<ResMlpS12>);

// Layers that take any shape may be written for any shape.
struct TakesAnyView {
  static constexpr Shape input = in, output = in;
  void forward(View<any_shape>, MutableView<any_shape>, Scratch&) const {}
};
static_assert(BoundLayer<TakesAnyView>);

struct OnlyForSquares {
  template <Shape In>
    requires(In.height == In.width)
  struct At {
    static constexpr Shape input = In, output = In;
    void forward(View<In>, MutableView<In>, Scratch&) const {}
  };
};
struct AtIsNoLayer {
  template <Shape In>
  struct At {};
};
struct AtIsNoTemplate {
  struct At {
    static constexpr Shape input = in, output = out;
    void forward(View<in>, MutableView<out>, Scratch&) const {}
  };
};
struct AtOfAType {
  template <class In>
  struct At {};
};
static_assert(Layer<Linear<2>, in>);
static_assert(Layer<Affine, Shape{Dynamic, Dynamic, 3}>);
static_assert(Layer<Repeat<2, Residual<Affine>>, in>);
static_assert(Layer<OnlyForSquares, in>);
static_assert(!Layer<OnlyForSquares, Shape{4, 5, 8}>);
static_assert(!Layer<AtIsNoLayer, in>);
static_assert(!Layer<AtIsNoTemplate, in>);
static_assert(!Layer<AtOfAType, in>);
static_assert(!Layer<Good, in>);  // bound already
static_assert(!Layer<int, in>);
static_assert(!Layer<ResMlpS12, ResMlpS12::input>);  // a network has its input
