// PatchEmbed: the patch size must divide the image height
// values: 1 == 0
#include "tessera/models/resmlp.hpp"
using Wrong = tessera::ResMlp<tessera::Shape{225, 224, 3}, 16, 384, 12, 1000>;
static_assert(Wrong::parameter_count > 0);
