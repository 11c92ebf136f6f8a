// MaxPool: the window must fit into the width of the image with its padding
// values: 2 >= 3
#include "tessera/layers/max_pool.hpp"
#include "tessera/layers/network.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{4, 2, 8}, tessera::MaxPool<3>>::output;
