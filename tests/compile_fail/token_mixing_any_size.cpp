// AcrossTokens: the image size must be fixed, because the weights depend on the number of tokens
#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/linear.hpp"
#include "tessera/layers/network.hpp"
using Wrong = tessera::Network<tessera::Shape{tessera::Dynamic, tessera::Dynamic, 384}, tessera::AcrossTokens<tessera::Linear<>>>;
static_assert(Wrong::parameter_count > 0);
