// SPDX-License-Identifier: MIT
//
// What tensors and views can be made of, and what not.

#include <concepts>
#include <ranges>
#include <type_traits>

#include "tessera/core/batch.hpp"
#include "tessera/layers/weights.hpp"
#include "tessera/models/resmlp.hpp"

using namespace tessera;

constexpr Shape a{2, 3, 4}, b{2, 3, 5}, dynamic{Dynamic, Dynamic, 4};

static_assert(std::regular<Tensor<a>> && std::copyable<Tensor<dynamic>> && std::equality_comparable<Tensor<dynamic>>);
static_assert(std::copyable<Batch<a>> && std::equality_comparable<Batch<a>>);
static_assert(!std::default_initializable<Tensor<dynamic>> && !std::default_initializable<Batch<a>>);
static_assert(std::ranges::contiguous_range<Tensor<a>> && std::ranges::contiguous_range<View<a>> &&
              std::ranges::contiguous_range<Batch<a>>);

static_assert(std::convertible_to<Tensor<a>&, View<a>> && std::convertible_to<const Tensor<a>&, View<a>>);
static_assert(std::convertible_to<Tensor<a>&, MutableView<a>> && std::convertible_to<MutableView<a>, View<a>>);
static_assert(std::convertible_to<View<a>, View<any_shape>> && std::convertible_to<MutableView<a>, View<any_shape>>);
static_assert(std::convertible_to<MutableView<a>, MutableView<any_shape>>);
static_assert(!std::convertible_to<const Tensor<a>&, MutableView<a>>);
static_assert(!std::convertible_to<Tensor<a>, MutableView<a>>);  // of a temporary
static_assert(!std::convertible_to<View<a>, MutableView<a>> && !std::convertible_to<View<a>, MutableView<any_shape>>);
static_assert(!std::convertible_to<View<a>, View<b>> && !std::convertible_to<Tensor<a>&, View<b>>);
static_assert(!std::convertible_to<View<any_shape>, View<a>>);
static_assert(!std::convertible_to<float*, View<a>> && !std::constructible_from<View<dynamic>, float*>);
static_assert(!std::convertible_to<View<a>, Tensor<a>> && std::constructible_from<Tensor<a>, View<a>>);  // a copy is said

template <class X, class Y>
concept Comparable = requires(const X& x, const Y& y) { x == y; };
static_assert(Comparable<Tensor<a>, Tensor<a>>);
static_assert(!Comparable<Tensor<a>, Tensor<b>> && !Comparable<Tensor<a>, Batch<a>>);

static_assert(sizeof(Tensor<a>) == sizeof(Buffer) && sizeof(View<a>) == sizeof(void*));
static_assert(std::same_as<decltype(Tensor<a>().size()), std::size_t> && std::same_as<decltype(View<a>(nullptr).size()), std::size_t>);

// Weights are moved only.
using Network1 = ResMlp<Shape{8, 8, 3}, 4, 6, 1, 5>;
static_assert(std::movable<Weights<Network1>> && !std::copyable<Weights<Network1>>);
