// SPDX-License-Identifier: MIT
#pragma once

// From a golden case's "config" to the C++ type that it describes.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tessera/core/error.hpp"

namespace golden {

using Json = nlohmann::json;

struct Expression {
  std::string header;  // what declares it
  std::string type;
};

inline std::string shape_text(const Json& nchw) {
  return tessera::detail::concat("tessera::Shape{", nchw.at(2).get<int>(), ", ", nchw.at(3).get<int>(), ", ", nchw.at(1).get<int>(), "}");
}

inline Expression resmlp(const Json& entry) {
  const Json& c = entry.at("config");
  return {"tessera/models/resmlp.hpp",
          tessera::detail::concat("tessera::ResMlp<", shape_text(entry.at("input_shape")), ", ", c.at("patch_size").get<int>(), ", ",
                                  c.at("embed_dim").get<int>(), ", ", c.at("depth").get<int>(), ", ", entry.at("num_classes").get<int>(), ">")};
}

// Nothing for a family that the library does not know.
inline std::optional<Expression> expression_of(const Json& entry) {
  const std::string family = entry.at("family");
  if (family == "resmlp") return resmlp(entry);
  return std::nullopt;
}

}  // namespace golden
