// DepthwiseConvolution: the kernel size must be odd, so that the image size stays
// values: 0 == 1
#include "tessera/layers/depthwise_convolution.hpp"
#include "tessera/layers/network.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{9, 9, 8}, tessera::DepthwiseConvolution<4>>::output;
