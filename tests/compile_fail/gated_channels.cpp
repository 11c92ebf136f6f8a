// Gated: the number of channels must be even
// values: 1 == 0
#include "tessera/layers/activation.hpp"
#include "tessera/layers/gated.hpp"
#include "tessera/layers/network.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{4, 9, 7}, tessera::Gated<tessera::Silu>>::output;
