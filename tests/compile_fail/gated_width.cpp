// Gated: the gate must give as many channels as it takes
// values: 3 == 4
#include "tessera/layers/gated.hpp"
#include "tessera/layers/linear.hpp"
#include "tessera/layers/network.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{8, 8, 8}, tessera::Gated<tessera::Linear<3>>>::output;
