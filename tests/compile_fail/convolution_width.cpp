// Convolution: the kernel must fit into the width of the image with its padding
// values: 4 >= 5
#include "tessera/layers/convolution.hpp"
#include "tessera/layers/network.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{9, 4, 8}, tessera::Convolution<8, 5>>::output;
