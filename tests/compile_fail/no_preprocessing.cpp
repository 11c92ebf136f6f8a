// static constexpr tessera::Preprocessing preprocessing = tessera::imagenet_preprocessing;
#include "tessera/models/mlp_mixer.hpp"
#include "tessera/vision/preprocess.hpp"
using N = tessera::MlpMixer<tessera::Shape{224, 224, 3}, 32, 64, 2, 32, 256, tessera::Gelu, 37>;
auto prepared(const tessera::Image& image) { return tessera::preprocess<N>(image); }
