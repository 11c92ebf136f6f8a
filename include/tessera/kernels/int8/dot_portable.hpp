// SPDX-License-Identifier: MIT
#pragma once

// Products of bytes, four in each lane of 32 bits: what the eight-bit kernels ask of an instruction set.
//
//     sum[i] += Σ_j activations[4i + j] · weights[4i + j]        j < 4
//
// Sums are exact integers: nothing saturates, whatever the bytes are. An activation is an unsigned byte q from 0 to 255, kept as q - zero.
// A weight is a signed byte from -most_weight to most_weight.
//
// This is the form that every compiler understands. Processors without a better one are faster in float32, which `fast` says.

#include <cmath>
#include <cstdint>
#include <cstring>

#include "tessera/kernels/packet.hpp"

namespace tessera::detail {

template <Isa I>
struct DotPortable {
  static constexpr bool fast = false;
  static constexpr int zero = 0, most_weight = 127;
  struct Bytes {
    unsigned char byte[4 * lanes_of<I>];
  };
  struct Sums {
    std::int32_t lane[lanes_of<I>];
  };

  static Sums zeros() { return {}; }
  // Bytes of all lanes, and four bytes for each lane alike.
  static Bytes load(const std::byte* from) {
    Bytes all;
    std::memcpy(all.byte, from, sizeof all.byte);
    return all;
  }
  static Bytes broadcast(const std::byte* from) {
    Bytes all;
    for (std::size_t i = 0; i < sizeof all.byte; i += 4) std::memcpy(all.byte + i, from, 4);
    return all;
  }
  static Sums add(const Sums& sums, const Bytes& activations, const Bytes& weights) {
    Sums result = sums;
    for (int i = 0; i < 4 * lanes_of<I>; ++i)
      result.lane[i / 4] += std::int32_t{activations.byte[i]} * std::int32_t{static_cast<std::int8_t>(weights.byte[i])};
    return result;
  }
  static Packet<I> to_floats(const Sums& sums) {
    float floats[lanes_of<I>];
    for (int i = 0; i < lanes_of<I>; ++i) floats[i] = static_cast<float>(sums.lane[i]);
    return Eigen::internal::ploadu<Packet<I>>(floats);
  }
  static void store(std::int32_t* to, const Sums& sums) { std::memcpy(to, sums.lane, sizeof sums.lane); }
  // Activations from numbers of 0 to 255, rounded: byte 4i + j is lane i of packet j. Any byte where a number is not finite.
  static void pack(const Packet<I> (&q)[4], std::byte* to) {
    for (int j = 0; j < 4; ++j) {
      float floats[lanes_of<I>];
      Eigen::internal::pstoreu(floats, q[j]);
      for (int i = 0; i < lanes_of<I>; ++i)
        to[4 * i + j] = static_cast<std::byte>(floats[i] >= 0.0F && floats[i] <= 255.5F ? std::lrint(floats[i]) : 0);
    }
  }
};

}  // namespace tessera::detail
