// MaxPool: the padding must be smaller than the window
// values: 3 < 3
#include "tessera/layers/max_pool.hpp"
#include "tessera/layers/network.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{9, 9, 8}, tessera::MaxPool<3, 1, 3>>::output;
