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

inline Expression conv_mlp(const Json& entry) {
  const Json& c = entry.at("config");
  const bool backbone = c.value("backbone", false);
  std::string type = (backbone ? "tessera::ConvMlpBackbone<" : "tessera::ConvMlp<") + shape_text(entry.at("input_shape")) + ", ";
  if (!backbone) type += std::to_string(entry.at("num_classes").get<int>()) + ", ";
  type += std::to_string(c.at("channels").get<int>()) + ", " + std::to_string(c.at("n_conv_blocks").get<int>());
  for (std::size_t s = 0; s < c.at("blocks").size(); ++s) {
    const int width = c.at("dims").at(s);
    const auto hidden = static_cast<int>(width * c.at("mlp_ratios").at(s).get<double>());
    type += tessera::detail::concat(", tessera::ConvMlpStage<", c.at("blocks").at(s).get<int>(), ", ", width, ", ", hidden, ">");
  }
  return {"tessera/models/conv_mlp.hpp", type + ">"};
}

// Nothing for a family that the library does not know.
inline std::optional<Expression> expression_of(const Json& entry) {
  const std::string family = entry.at("family");
  if (family == "resmlp") return resmlp(entry);
  if (family == "convmlp") return conv_mlp(entry);
  return std::nullopt;
}

}  // namespace golden
