// Model: the image must have the height that the network takes
// values: 256 == 224
#include "tessera/engine/model.hpp"
#include "tessera/models/resmlp.hpp"
auto wrong(const tessera::Model<tessera::ResMlpS12>& model) { return model(tessera::Tensor<tessera::Shape{256, 256, 3}>()); }
