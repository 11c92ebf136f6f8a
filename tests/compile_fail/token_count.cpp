// AcrossTokens: the member must keep the number of tokens
// values: 100 == 196
#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/linear.hpp"
#include "tessera/layers/network.hpp"
using Wrong = tessera::Network<tessera::Shape{14, 14, 384}, tessera::AcrossTokens<tessera::Linear<100>>>;
static_assert(Wrong::parameter_count > 0);
