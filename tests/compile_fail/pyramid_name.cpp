// pyramid: every name in the network's `pyramid` must be that of an intermediate result
#include "tessera/engine/pyramid.hpp"
#include "tessera/layers/linear.hpp"
struct Wrong : tessera::Network<tessera::Shape{8, 8, 3}, tessera::Named<"stem", tessera::Linear<4>>> {
  static constexpr std::array<std::string_view, 1> pyramid{"stem.middle"};
};
auto wrong(const tessera::Model<Wrong>& model, const tessera::Tensor<Wrong::input>& x) { return tessera::pyramid(model, x); }
