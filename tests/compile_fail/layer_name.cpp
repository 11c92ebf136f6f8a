// Weights: the network must have a layer of that name
#include "tessera/layers/weights.hpp"
#include "tessera/models/resmlp.hpp"
using N = tessera::ResMlp<tessera::Shape{8, 8, 3}, 4, 6, 2, 5>;
auto missing(const tessera::Weights<N>& weights) { return weights.layer<"blocks.2.norm1">(); }
