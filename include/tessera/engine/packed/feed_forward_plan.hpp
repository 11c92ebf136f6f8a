// SPDX-License-Identifier: MIT
#pragma once

// How the two products of a feed-forward (engine/packed/feed_forward.hpp) are made: by which algorithms, and over how many positions at a
// time.

#include <algorithm>

#include "tessera/engine/policy.hpp"
#include "tessera/kernels/blocks.hpp"
#include "tessera/kernels/strassen/strassen.hpp"

namespace tessera::detail {

// What the code of a feed-forward depends on. first, second: levels of Strassen's algorithm of the two products. straight: the first
// product makes the left operands of the second, and h is never stored.
struct FeedForwardKind {
  int first = 0, second = 0;
  bool straight = false, gated = false;
  // Products of bytes (engine/packed/int8/feed_forward.hpp).
  bool int8 = false;

  constexpr bool strassen() const { return first > 0 || second > 0; }
};
// And its sizes: positions at a time, and the distance of the columns of the first product that belong together, where there are levels.
struct FeedForwardPlan {
  FeedForwardKind kind;
  std::ptrdiff_t block = 0, apart = 0;
};

// positions: 0 if they are not known when the weights are packed.
template <Engine E>
constexpr FeedForwardPlan plan_feed_forward(std::int64_t positions, std::int64_t channels, std::int64_t hidden, bool gated) {
  FeedForwardPlan plan{.kind = {.gated = gated, .int8 = takes_int8<E>(channels, hidden)}};
  if (positions == 0 || plan.kind.int8) return plan;
  // Whole pairs of register tiles.
  constexpr std::int64_t pair = 2 * RegisterTile<E>::rows;
  const std::int64_t block = std::min((hidden_block_rows<E>(positions, channels, hidden) + pair - 1) / pair * pair, positions);
  const FeedForwardAlgorithms algorithms = choose_feed_forward<E>(positions, block, channels, hidden, gated);
  const int first = levels_of(algorithms.first), second = levels_of(algorithms.second);
  const bool straight = !gated && first > 0 && second > 0 && (first == 2 || stores_left<E, 1>(hidden));
  const auto h = static_cast<std::ptrdiff_t>(hidden);
  plan.kind = {.first = first, .second = second, .straight = straight, .gated = gated};
  plan.block = static_cast<std::ptrdiff_t>(first == 2 ? positions : block);
  plan.apart = !straight ? h / 2 : first == 2 ? Split<E, 2>::terms(h) : Split<E, 1>::terms(h);
  return plan;
}

// The products themselves. Function: the activation on packets. Rows: where rows are read (engine/packed/row_source.hpp).
template <Isa I, FeedForwardKind Kind, class Function, class Rows>
class PackedFeedForward;

}  // namespace tessera::detail
