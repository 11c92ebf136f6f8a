// Tessera: reading files and images needs exceptions.
// flags: -fno-exceptions
#include "tessera/io/read_tensors.hpp"
