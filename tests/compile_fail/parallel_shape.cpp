// Parallel: all branches must give as many channels
// values: 5 == 4
#include "tessera/layers/linear.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/parallel.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{4, 9, 8}, tessera::Parallel<tessera::Linear<4>, tessera::Linear<5>>>::output;
