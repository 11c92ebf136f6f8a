// WithImage: the number of channels must stay
// values: 1 == 3
#include "tessera/models/resmlp.hpp"
#include "tessera/models/with_image.hpp"
constexpr auto wrong = tessera::WithImage<tessera::ResMlpS12, tessera::Shape{224, 224, 1}>::output;
