// Residual: the branch must give the height that it takes
// values: 4 == 8
#include "tessera/layers/max_pool.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/residual.hpp"
constexpr auto wrong = tessera::Network<tessera::Shape{8, 8, 8}, tessera::Residual<tessera::MaxPool<2>>>::output;
