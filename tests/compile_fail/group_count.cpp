// GroupNorm: the number of groups must divide the number of channels
// values: 2 == 0
#include "tessera/layers/group_norm.hpp"
#include "tessera/layers/network.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{4, 9, 8}, tessera::GroupNorm<3>>::output;
