// Parallel: all branches must give the same height
// values: 8 == 4
#include "tessera/layers/identity.hpp"
#include "tessera/layers/max_pool.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/parallel.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{8, 8, 8}, tessera::Parallel<tessera::MaxPool<2>, tessera::Identity>>::output;
