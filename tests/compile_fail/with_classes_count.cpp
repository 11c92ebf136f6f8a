// WithClasses: the number of classes must be positive
// values: -2 > 0
#include "tessera/models/resmlp.hpp"
#include "tessera/models/with_classes.hpp"
constexpr auto wrong = tessera::WithClasses<tessera::ResMlpS12, -2>::output;
