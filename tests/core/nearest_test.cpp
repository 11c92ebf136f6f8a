// SPDX-License-Identifier: MIT
#include "tessera/core/nearest.hpp"

#include <array>

#include "catch.hpp"

using namespace tessera;

TEST_CASE("The edit distance counts insertions, deletions, replacements and exchanged neighbours") {
  CHECK(detail::edit_distance("", "") == 0);
  CHECK(detail::edit_distance("mixer", "mixer") == 0);
  CHECK(detail::edit_distance("mixer", "Mixer") == 0);
  CHECK(detail::edit_distance("mixer", "mxer") == 1);
  CHECK(detail::edit_distance("mixer", "mixxer") == 1);
  CHECK(detail::edit_distance("mixer", "mizer") == 1);
  CHECK(detail::edit_distance("mixer", "mixre") == 1);
  CHECK(detail::edit_distance("", "abc") == 3);
  CHECK(detail::edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("A misspelt name is answered with the closest ones, the closest first") {
  constexpr std::array<std::string_view, 4> known{"resmlp_12_224", "resmlp_24_224", "mixer_b16_224", "convmlp_s"};
  CHECK(detail::did_you_mean("resmlp_21_224", known, 1) == ", did you mean \"resmlp_12_224\"?");
  CHECK(detail::did_you_mean("resmlp12_224", known, 2) == ", did you mean \"resmlp_12_224\" or \"resmlp_24_224\"?");
  CHECK(detail::did_you_mean("b16", known) == ", did you mean \"mixer_b16_224\"?");
}

TEST_CASE("A name that is close to nothing is answered with all names, unless they are many") {
  constexpr std::array<std::string_view, 2> known{"a_network", "another"};
  CHECK(detail::did_you_mean("xyz", known) == ", expected one of \"a_network\", \"another\"");
  CHECK(detail::did_you_mean("xyz", known, 3, 1).empty());
  CHECK(detail::did_you_mean(std::string(100000, 'x'), known, 3, 1).empty());
}
