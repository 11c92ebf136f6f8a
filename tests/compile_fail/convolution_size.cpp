// Convolution: the kernel must fit into the image with its padding
#include "tessera/layers/convolution.hpp"
#include "tessera/layers/network.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{4, 9, 3}, tessera::Convolution<8, 7, 2, 1>>::output;
