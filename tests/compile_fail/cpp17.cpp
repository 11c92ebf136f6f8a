// Tessera needs C++20 (-std=c++20)
// flags: -std=c++17
#include "tessera/tessera.hpp"
