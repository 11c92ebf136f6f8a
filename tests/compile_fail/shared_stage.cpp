// Spach: a shared spatial function needs blocks of one kind in each stage
#include "tessera/models/spach.hpp"
using Wrong = tessera::Spach<tessera::Shape{32, 32, 3}, 8, 24, tessera::SpachOptions{.heads = 3, .shared_spatial_func = true}, 10,
                             tessera::SpachMlp<1>, tessera::SpachAttn<1>>;
constexpr auto wrong = Wrong::output;
