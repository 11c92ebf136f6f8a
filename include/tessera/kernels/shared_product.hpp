// SPDX-License-Identifier: MIT
#pragma once

// The products of kernels/product.hpp, and what goes with them, shared among the workers of a Scratch. A sum has the same bits in
// whichever tile it is computed, so it does not matter how the work is divided: it is divided evenly, in whole register tiles.

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/blocks.hpp"
#include "tessera/kernels/product.hpp"

namespace tessera::detail {

// work(first row, rows, scratch) for blocks of `block` rows.
template <class Work>
void share_blocks(std::ptrdiff_t rows, std::ptrdiff_t block, Scratch& scratch, const Work& work) {
  scratch.share((rows + block - 1) / block,
                [&](std::ptrdiff_t job, Scratch& own) { work(job * block, std::min(block, rows - job * block), own); });
}

// work(first column, columns, packets, scratch) for every panel of a right operand with `columns` columns.
template <Isa I, class Work>
void share_panels(std::ptrdiff_t columns, Scratch& scratch, const Work& work) {
  share_blocks(columns, panel_width<I>, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
    work(first, static_cast<int>(count), ProductTile<I>::packets_at_once(count), own);
  });
}

template <Isa I>
void multiply_panel(std::ptrdiff_t rows, std::ptrdiff_t inner, LeftOperand a, const float* b, int packets, std::ptrdiff_t column,
                    int columns, const Epilogue& epilogue, Scratch& scratch) {
  scratch.split(rows, RegisterTile<I>::rows, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    multiply_panel<I>(RowRange{first, count}, inner, a, b, packets, column, columns, epilogue);
  });
}

// y = x · Wᵀ with packed weights, for some of the rows. x: rows of weights.inner(), row stride `stride`. The register tiles of all panels,
// one panel after the other, are one long row of tiles, which is divided. While one panel is in use, the next one is fetched, which as a
// rule is the same worker's. After a worker's last one, it is where its share of the next product's weights begins, if they are from the
// same pool and as many: as far away as the shares of all others are large.
template <Isa I>
void multiply_panels(const float* x, std::ptrdiff_t stride, RowRange range, const Panels<I>& weights, const Epilogue& epilogue,
                     Scratch& scratch) {
  constexpr std::ptrdiff_t height = RegisterTile<I>::rows;
  const std::ptrdiff_t tiles = (range.count + height - 1) / height, panels = (weights.columns() + panel_width<I> - 1) / panel_width<I>;
  const std::ptrdiff_t all = tiles * panels, workers = scratch.workers();
  const std::ptrdiff_t others = weights.columns() * weights.inner() * (workers - 1) / workers;
  scratch.split(all, 1, [&](std::ptrdiff_t tile, std::ptrdiff_t count, Scratch&) {
    const std::ptrdiff_t end = tile + count, shares = (end * workers + all - 1) / all;
    const bool ends_a_share = shares * all / workers == end;
    while (tile < end) {
      const std::ptrdiff_t column = tile / tiles * panel_width<I>, row = tile % tiles * height;
      const std::ptrdiff_t here = std::min(tiles - tile % tiles, end - tile);
      const auto columns = static_cast<int>(std::min<std::ptrdiff_t>(panel_width<I>, weights.columns() - column));
      const int packets = weights.packets(column);
      const float* const panel = weights.panel(column);
      const float* const after = panel + packets * lanes_of<I> * weights.inner();
      tile += here;
      multiply_panel<I>(RowRange{range.first + row, std::min(here * height, range.count - row)}, weights.inner(), {x, stride}, panel,
                        packets, column, columns, epilogue, ends_a_share && tile == end ? after + others : after);
    }
  });
}

}  // namespace tessera::detail
