// SPDX-License-Identifier: MIT
#pragma once

// From a golden case's "config" to the C++ type that it describes.

#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>

#include "tessera/core/error.hpp"

namespace golden {

using Json = nlohmann::json;

struct Expression {
  std::string header;  // what declares it
  std::string type;
};

template <class... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  return std::move(text).str();
}

inline std::string shape_text(const Json& nchw) {
  return concat("tessera::Shape{", nchw.at(2).get<int>(), ", ", nchw.at(3).get<int>(), ", ", nchw.at(1).get<int>(), "}");
}

// int(ratio · width), as Python truncates it.
inline int hidden_width(const Json& ratio, int width) { return static_cast<int>(ratio.get<double>() * width); }

inline Expression resmlp(const Json& entry) {
  const Json& c = entry.at("config");
  return {"tessera/models/resmlp.hpp", concat("tessera::ResMlp<", shape_text(entry.at("input_shape")), ", ", c.at("patch_size"), ", ",
                                              c.at("embed_dim"), ", ", c.at("depth"), ", ", entry.at("num_classes"), ">")};
}

inline Expression mixer(const Json& entry) {
  const Json& c = entry.at("config");
  const int width = c.at("embed_dim");
  const std::string activation = c.value("gelu", "erf") == "tanh" ? "tessera::GeluTanh" : "tessera::Gelu";
  return {"tessera/models/mlp_mixer.hpp",
          concat("tessera::MlpMixer<", shape_text(entry.at("input_shape")), ", ", c.at("patch_size"), ", ", width, ", ", c.at("num_blocks"),
                 ", ", hidden_width(c.at("mlp_ratio").at(0), width), ", ", hidden_width(c.at("mlp_ratio").at(1), width), ", ", activation,
                 ", ", entry.at("num_classes"), ">")};
}

inline Expression gmlp(const Json& entry) {
  const Json& c = entry.at("config");
  const int width = c.at("embed_dim");
  return {"tessera/models/gmlp.hpp",
          concat("tessera::GMlp<", shape_text(entry.at("input_shape")), ", ", c.at("patch_size"), ", ", width, ", ", c.at("num_blocks"),
                 ", ", hidden_width(c.at("mlp_ratio"), width), ", ", entry.at("num_classes"), ">")};
}

inline Expression gmixer(const Json& entry) {
  const Json& c = entry.at("config");
  const int width = c.at("embed_dim");
  return {"tessera/models/gmlp.hpp", concat("tessera::GMixer<", shape_text(entry.at("input_shape")), ", ", c.at("patch_size"), ", ", width,
                                            ", ", c.at("num_blocks"), ", ", hidden_width(c.at("mlp_ratio").at(0), width), ", ",
                                            hidden_width(c.at("mlp_ratio").at(1), width), ", ", entry.at("num_classes"), ">")};
}

// [["pass", 2], ["attn", 10]]
inline std::string spach_runs(const Json& runs) {
  std::string text;
  for (const Json& run : runs) {
    const std::string kind = run.at(0);
    const char* const name = kind == "pass" ? "SpachPass" : kind == "mlp" ? "SpachMlp" : kind == "attn" ? "SpachAttn" : nullptr;
    if (name == nullptr) tessera::detail::fail("found spatial function ", kind, ", expected pass, mlp or attn");
    text += concat(text.empty() ? "" : ", ", "tessera::", name, "<", run.at(1), ">");
  }
  return text;
}

inline Expression spach(const Json& entry) {
  const Json& c = entry.at("config");
  const bool stages = c.at("multi_stage");
  std::string blocks;
  if (stages) {
    for (const Json& stage : c.at("net_arch")) blocks += concat(", tessera::SpachStage<", spach_runs(stage), ">");
  } else {
    blocks = ", " + spach_runs(c.at("net_arch"));
  }
  const auto flag = [&c](const char* name) { return c.at(name).get<bool>() ? "true" : "false"; };
  const std::string options =
      concat("tessera::SpachOptions{.heads = ", c.at("num_heads"), ", .channel_ratio = ", c.at("channel_ratio"),
             ", .token_ratio = ", c.at("token_ratio"), ", .stem = tessera::SpachStem::", c.at("stem_type").get<std::string>(),
             ", .scaled = ", flag("scaled"), ", .cpe = ", flag("cpe"), ", .shared_spatial_func = ", flag("shared_spatial_func"),
             ", .qkv_bias = tessera::Bias::", c.at("qkv_bias").get<bool>() ? "per_channel" : "none", "}");
  return {"tessera/models/spach.hpp",
          concat("tessera::Spach", stages ? "Ms" : "", "<", shape_text(entry.at("input_shape")), ", ", c.at("patch_size"), ", ",
                 c.at("hidden_dim"), ", ", options, ", ", entry.at("num_classes"), blocks, ">")};
}

inline Expression convmlp(const Json& entry) {
  const Json& c = entry.at("config");
  std::string stages;
  for (std::size_t s = 0; s < c.at("blocks").size(); ++s) {
    const int width = c.at("dims").at(s);
    stages +=
        concat(", tessera::ConvMlpStage<", c.at("blocks").at(s), ", ", width, ", ", hidden_width(c.at("mlp_ratios").at(s), width), ">");
  }
  const bool backbone = c.value("backbone", false);
  const std::string classes = backbone ? "" : concat(entry.at("num_classes"), ", ");
  return {"tessera/models/conv_mlp.hpp", concat("tessera::ConvMlp", backbone ? "Backbone" : "", "<", shape_text(entry.at("input_shape")),
                                                ", ", classes, c.at("channels"), ", ", c.at("n_conv_blocks"), stages, ">")};
}

// Nothing for a family that the library does not know.
inline std::optional<Expression> expression_of(const Json& entry) {
  const std::string family = entry.at("family");
  if (family == "resmlp") return resmlp(entry);
  if (family == "mixer") return mixer(entry);
  if (family == "spach") return spach(entry);
  if (family == "gmlp") return gmlp(entry);
  if (family == "gmixer") return gmixer(entry);
  if (family == "convmlp") return convmlp(entry);
  return std::nullopt;
}

}  // namespace golden
