// Residual: the branch must give as many channels as it takes
// values: 100 == 384
#include "tessera/layers/linear.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/residual.hpp"
using Wrong = tessera::Network<tessera::Shape{14, 14, 384}, tessera::Residual<tessera::Linear<100>>>;
static_assert(Wrong::parameter_count > 0);
