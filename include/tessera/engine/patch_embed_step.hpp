// SPDX-License-Identifier: MIT
#pragma once

// PatchEmbed as a matrix product. The P·C numbers of one row of a patch are neighbours in the image, so the weights are packed in
// the order (u, v, c) and a patch is gathered with P copies. A few patches at a time are gathered in front of the product.

#include <cstring>

#include "tessera/engine/lowered.hpp"
#include "tessera/kernels/epilogues.hpp"
#include "tessera/kernels/shared_product.hpp"
#include "tessera/layers/patch_embed.hpp"

namespace tessera::detail {

template <Engine E, int Patch, int Channels, class Original, class Bound>
class Lowered<E, PatchEmbed<Patch, Channels>, Original, Bound> {
  static constexpr Shape image = Bound::input, tokens = Bound::output;
  static constexpr std::ptrdiff_t run_length = std::ptrdiff_t{Patch} * image.channels;
  static constexpr std::ptrdiff_t inner = Patch * run_length;
  // Patches that are multiplied together: of at most 512 KiB, half of a second-level cache.
  static constexpr std::int64_t block_rows(int workers = 1) { return even_block_rows<E>(tokens.positions(), 128 * 1024 / inner, workers); }

 public:
  explicit Lowered(const Bound& layer)
      : weights_(Channels, inner,
                 [&](std::ptrdiff_t k, std::ptrdiff_t i) {
                   const std::ptrdiff_t u = i / run_length, v = i % run_length / image.channels, c = i % image.channels;
                   return layer.weight().data()[((k * image.channels + c) * Patch + u) * Patch + v];
                 }),
        bias_(padded_vector<E>(Channels, [&](std::ptrdiff_t k) { return layer.bias().data()[k]; })) {}

  static constexpr Shape output_shape(Shape) { return tokens; }
  static constexpr std::size_t scratch_floats(Shape) { return Scratch::rounded(static_cast<std::size_t>(block_rows() * inner)); }
  static constexpr std::size_t flow_floats(Shape) { return Scratch::rounded(tokens); }

  void run(Flow& flow, Scratch& scratch) const {
    share_blocks(tokens.positions(), block_rows(scratch.workers()), scratch, [&](std::ptrdiff_t first, std::ptrdiff_t rows, Scratch& own) {
      Scratch::Frame frame(own);
      float* const patches = frame.take(static_cast<std::size_t>(rows * inner));
      for (std::ptrdiff_t row = 0; row < rows; ++row) {
        const std::ptrdiff_t y = (first + row) / tokens.width * Patch, x = (first + row) % tokens.width * Patch;
        for (std::ptrdiff_t u = 0; u < Patch; ++u)
          std::memcpy(patches + row * inner + u * run_length, flow.x() + ((y + u) * image.width + x) * image.channels,
                      run_length * sizeof(float));
      }
      multiply_panels<E>(patches, inner, {0, rows}, weights_,
                         StoreBias<E, NoActivation>{flow.next() + first * Channels, Channels, bias_.data()}, own);
    });
    flow.advance(tokens);
  }

 private:
  Panels<E> weights_;
  Buffer bias_;
};

}  // namespace tessera::detail
