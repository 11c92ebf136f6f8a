// WithClasses: the last layer of the network must be Named<"head", Linear<...>>
#include "tessera/models/with_classes.hpp"
#include "tessera/models/conv_mlp.hpp"
static_assert(tessera::WithClasses<tessera::ConvMlpSBackbone, 37>::parameter_count > 0);
