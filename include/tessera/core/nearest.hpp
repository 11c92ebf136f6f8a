// SPDX-License-Identifier: MIT
#pragma once

// Answers to a misspelt name: the known names that are closest to it.

#include <span>
#include <string>
#include <string_view>

#include "tessera/core/compiled.hpp"

namespace tessera::detail {

// How many characters have to be inserted, deleted, replaced, or exchanged with their neighbour to make one text the other. Upper and
// lower case count as the same. (Damerau-Levenshtein distance, in the form that changes no part of a text twice.)
std::size_t edit_distance(std::string_view a, std::string_view b);

// The end of a sentence about a name that is not known: ", did you mean "resmlp_12_224" or "resmlp_24_224"?" At most `most` names, the
// closest first, and only those that are close. Nothing is close: ", expected one of" and all names if there are at most `listed`, else
// an empty text.
std::string did_you_mean(std::string_view wanted, std::span<const std::string_view> known, std::size_t most = 3, std::size_t listed = 12);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/core/nearest_inl.hpp"
#endif
