// Attention: the number of heads must divide the number of channels
// values: 2 == 0
#include "tessera/layers/attention.hpp"
#include "tessera/layers/network.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{4, 9, 8}, tessera::Attention<3>>::output;
