// WithImage: the weights of the network must not depend on the image size
#include "tessera/models/with_image.hpp"
#include "tessera/models/mlp_mixer.hpp"
static_assert(tessera::WithImage<tessera::MixerS32, tessera::Shape{256, 256, 3}>::macs > 0);
