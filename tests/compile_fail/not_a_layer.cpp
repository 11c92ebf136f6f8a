// Sequential: every member must be a layer for the shape that reaches it
#include "tessera/layers/network.hpp"
struct Empty {
  template <tessera::Shape In>
  struct At {
    static constexpr tessera::Shape input = In, output = In;
  };
};
using Wrong = tessera::Network<tessera::Shape{14, 14, 384}, Empty>;
static_assert(Wrong::parameter_count > 0);
