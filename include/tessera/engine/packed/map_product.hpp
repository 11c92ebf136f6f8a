// SPDX-License-Identifier: MIT
#pragma once

// A product of all positions of a map with packed weights, y = x · Wᵀ, by Strassen's algorithm where that pays. The rows of x are there, or
// made on the way, for some positions at a time.

#include <algorithm>

#include "tessera/engine/policy.hpp"
#include "tessera/kernels/shared_product.hpp"
#include "tessera/kernels/strassen.hpp"

namespace tessera::detail {

template <Engine E>
class MapProduct {
  // Rows that are made at a time.
  static constexpr std::ptrdiff_t most_rows = 8 * RegisterTile<E>::rows;

 public:
  MapProduct() = default;
  // positions: 0 if they are not known. element(column, k) gives W[column, k].
  template <class Element>
  MapProduct(std::int64_t positions, std::ptrdiff_t columns, std::ptrdiff_t inner, const Element& element)
      : paired_(pays(positions, inner, columns)),
        weights_(paired_ ? Strassen<E>::pack(columns, inner, columns / 2, element) : Panels<E>(columns, inner, element)) {}

  static constexpr std::size_t scratch_floats(std::int64_t positions, std::int64_t inner, std::int64_t columns) {
    const auto rows = [inner](std::int64_t count) { return Scratch::rounded(static_cast<std::size_t>(count * inner)); };
    if (!pays(positions, inner, columns)) return rows(std::min<std::int64_t>(most_rows, positions));
    return rows(positions) + left_floats(positions, inner) + Strassen<E>::scratch_floats(positions, inner);
  }

  // From rows that are there.
  template <class Epilogue>
  void run(const float* x, std::ptrdiff_t positions, const Epilogue& epilogue, Scratch& scratch) const {
    if (paired_) return multiply_pairs(x, positions, [](const auto&, Scratch&) {}, epilogue, scratch);
    multiply_panels<E>(x, weights_.inner(), {0, positions}, weights_, epilogue, scratch);
  }
  // make(first, count, to, scratch) makes some of them; make_epilogue(first) gives what takes their sums.
  template <class Make, class MakeEpilogue>
  void run_made(const Make& make, std::ptrdiff_t positions, const MakeEpilogue& make_epilogue, Scratch& scratch) const {
    const std::ptrdiff_t inner = weights_.inner();
    if (paired_) {
      Scratch::Frame frame(scratch);
      float* const rows = frame.take(static_cast<std::size_t>(positions * inner));
      const auto make_part = [&](const StrassenPart<E>& part, Scratch& own) {
        part.for_rows([&](std::ptrdiff_t first, std::ptrdiff_t count) { make(first, count, rows + first * inner, own); });
      };
      return multiply_pairs(rows, positions, make_part, make_epilogue(0), scratch);
    }
    share_blocks(positions, even_block_rows<E>(positions, most_rows, scratch.workers()), scratch,
                 [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
                   Scratch::Frame frame(own);
                   float* const rows = frame.take(static_cast<std::size_t>(count * inner));
                   make(first, count, rows, own);
                   multiply_panels<E>(rows, inner, {0, count}, weights_, make_epilogue(first), own);
                 });
  }

 private:
  static constexpr bool pays(std::int64_t positions, std::int64_t inner, std::int64_t columns) {
    return choose_map_product<E>(positions, inner, columns) == Algorithm::strassen;
  }
  static constexpr std::size_t left_floats(std::int64_t positions, std::int64_t inner) {
    return Scratch::rounded(StrassenLeft<E>::floats(positions, inner));
  }

  template <class MakePart, class Epilogue>
  void multiply_pairs(const float* x, std::ptrdiff_t positions, const MakePart& make_part, const Epilogue& epilogue,
                      Scratch& scratch) const {
    const std::ptrdiff_t inner = weights_.inner();
    Strassen<E>::share(positions, scratch, [&](const StrassenPart<E>& part, Scratch& own) {
      make_part(part, own);
      Scratch::Frame frame(own);
      const StrassenLeft<E> left(part, inner, frame.take(left_floats(positions, inner)));
      left.make(x);
      Strassen<E>::multiply(left, weights_, weights_.columns() / 2, epilogue, own);
    });
  }

  bool paired_ = false;
  Panels<E> weights_;
};

}  // namespace tessera::detail
