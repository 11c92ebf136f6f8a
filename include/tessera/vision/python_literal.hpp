// SPDX-License-Identifier: MIT
#pragma once

// Python's lists, tuples and dicts of strings and numbers, as print and pprint write them, turned into JSON text. Nothing is run.

#include <string>
#include <string_view>

#include "tessera/core/compiled.hpp"

namespace tessera::detail {

// JSON of the same meaning, if the text is such a literal: tuples become lists, numbers that are keys become texts. Brackets are not
// matched, which the JSON reader does. Throws Error, which begins with `name`, at the first character that has no place in a literal.
std::string python_literal_to_json(std::string_view text, const std::string& name);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/vision/python_literal_inl.hpp"
#endif
