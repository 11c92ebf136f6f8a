// Repeat: the layer must give as many channels as it takes
// values: 100 == 384
#include "tessera/layers/linear.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/repeat.hpp"
using Wrong = tessera::Network<tessera::Shape{14, 14, 384}, tessera::Repeat<2, tessera::Linear<100>>>;
static_assert(Wrong::parameter_count > 0);
