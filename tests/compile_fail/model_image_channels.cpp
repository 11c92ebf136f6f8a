// Model: the image must have as many channels as the network takes
// values: 1 == 3
#include "tessera/engine/model.hpp"
#include "tessera/models/cifar10.hpp"
auto wrong(const tessera::Model<tessera::ResMlpCifar10>& model, tessera::View<tessera::Shape{32, 32, 1}> grey) { return model(grey); }
