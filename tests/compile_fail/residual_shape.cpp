// Residual: the output shape of the branch must equal its input shape
#include "tessera/layers/linear.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/residual.hpp"
using Wrong = tessera::Network<tessera::Shape{14, 14, 384}, tessera::Residual<tessera::Linear<100>>>;
static_assert(Wrong::parameter_count > 0);
