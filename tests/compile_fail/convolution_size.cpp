// Convolution: the kernel must fit into the height of the image with its padding
// values: 6 >= 7
#include "tessera/layers/convolution.hpp"
#include "tessera/layers/network.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{4, 9, 3}, tessera::Convolution<8, 7, 2, 1>>::output;
