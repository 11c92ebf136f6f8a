// Repeat: the count must be positive
// values: 0 > 0
#include "tessera/layers/affine.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/repeat.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{8, 8, 8}, tessera::Repeat<0, tessera::Affine>>::output;
