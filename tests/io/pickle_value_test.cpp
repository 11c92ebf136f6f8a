// SPDX-License-Identifier: MIT

#include "tessera/io/pickle_value.hpp"

#include "../catch.hpp"

using namespace tessera;

TEST_CASE("Globals are known by module and name together", "[io]") {
  const auto role = [](std::string_view module, std::string_view name) {
    const int found = detail::find_pickle_global(module, name);
    return found >= 0 ? std::optional(detail::pickle_globals[static_cast<std::size_t>(found)].role) : std::nullopt;
  };
  CHECK(role("collections", "OrderedDict") == detail::PickleRole::ordered_dict);
  CHECK(role("torch", "FloatStorage") == detail::PickleRole::storage_type);
  CHECK_FALSE(role("argparse", "Namespace"));
  CHECK_FALSE(role("os", "system"));
  CHECK_FALSE(role("torch", "OrderedDict"));
  CHECK_FALSE(role("", ""));
}
