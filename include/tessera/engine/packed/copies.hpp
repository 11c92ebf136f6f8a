// SPDX-License-Identifier: MIT
#pragma once

// The engine's own copies of parameters that it uses as the checkpoint has them.

#include "tessera/core/parameter.hpp"
#include "tessera/engine/policy.hpp"
#include "tessera/kernels/epilogues.hpp"

namespace tessera::detail {

inline Buffer copy_of(const Parameter& p) {
  Buffer copy(static_cast<std::size_t>(p.size()));
  std::copy_n(p.data(), p.size(), copy.data());
  return copy;
}

// With room for whole packets.
template <Engine E>
Buffer padded_copy(const Parameter& p) {
  return padded_vector<E>(p.size(), [&p](std::ptrdiff_t i) { return p.data()[i]; });
}

}  // namespace tessera::detail
