// SPDX-License-Identifier: MIT
#pragma once

// How the rows of a product are cut into blocks, each of which is worked on while it is in a cache.

#include <algorithm>
#include <cstdint>

#include "tessera/kernels/packet.hpp"

namespace tessera::detail {

// This number of rows pays for reading the weights.
template <Isa I>
inline constexpr std::int64_t enough_rows = 8 * RegisterTile<I>::rows;

// Rows of a block: whole register tiles, blocks of nearly equal size, each of at most `most` rows (or one tile). If there are several
// blocks, or rows enough for every worker, the number of blocks is rounded up to a multiple of the workers: each worker keeps its rows in
// its own cache then.
template <Isa I>
constexpr std::int64_t even_block_rows(std::int64_t rows, std::int64_t most, int workers = 1) {
  constexpr std::int64_t tile = RegisterTile<I>::rows;
  const std::int64_t whole = std::max(most / tile * tile, tile);
  std::int64_t blocks = (rows + whole - 1) / whole;
  if (blocks > 1 || rows >= workers * enough_rows<I>) blocks = (blocks + workers - 1) / workers * workers;
  const std::int64_t even = (rows + blocks - 1) / blocks;
  return std::min((even + tile - 1) / tile * tile, rows);
}

// Rows of a block of a product with `floats` floats of activations a row: of at most 512 KiB, so that it stays in the second-level cache
// next to a panel of weights, or enough to pay for reading the weights.
template <Isa I>
constexpr std::int64_t product_block_rows(std::int64_t rows, std::int64_t floats, int workers = 1) {
  return even_block_rows<I>(rows, std::max(128 * 1024 / floats, enough_rows<I>), workers);
}

// Rows of a block of a feed-forward. It is large enough to pay for one pass over the weights, and small enough for its hidden activation to
// stay in the second-level cache: half of 1 MiB, or as large as the weights if those are larger.
template <Isa I>
constexpr std::int64_t hidden_block_rows(std::int64_t rows, std::int64_t channels, std::int64_t hidden, int workers = 1) {
  constexpr std::int64_t half_a_cache = 128 * 1024;
  return even_block_rows<I>(rows, std::max(half_a_cache, 2 * channels * hidden) / hidden, workers);
}

}  // namespace tessera::detail
