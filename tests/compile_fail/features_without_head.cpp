// Model: features and tokens need a network with a MeanPool, such as a classifier; ask this one for intermediate() by name
#include "tessera/engine/model.hpp"
#include "tessera/layers/linear.hpp"
using Wrong = tessera::Network<tessera::Shape{8, 8, 3}, tessera::Named<"stem", tessera::Linear<4>>>;
auto wrong(const tessera::Model<Wrong>& model, const tessera::Tensor<Wrong::input>& x) { return model.features(x); }
