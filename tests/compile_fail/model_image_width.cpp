// Model: the image must have the width that the network takes
// values: 128 == 32
#include "tessera/engine/model.hpp"
#include "tessera/models/cifar10.hpp"
auto wrong(const tessera::Model<tessera::ResMlpCifar10>& model) { return model(tessera::Batch<tessera::Shape{32, 128, 3}>(4)); }
