// SPDX-License-Identifier: MIT
#pragma once

// The options that say which network and which images: the same words in every program.

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "pipeline.hpp"
#include "tessera/load_any.hpp"
#include "tessera/vision/labels.hpp"
#include "tessera/vision/read_labels.hpp"

struct ModelOptions {
  std::string model, weights, state, labels, precision = "float32";
  int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  int batch = 0;
  bool as_stored = false;
};

inline void add_model_options(CLI::App& app, ModelOptions& options) {
  app.add_option("--model", options.model, "network or published checkpoint, such as resmlp_12_224; without it what the file says or fits")
      ->type_name("NAME");
  app.add_option("--weights", options.weights, "checkpoint file; without it the one that is called as the model")->type_name("FILE");
  app.add_option("--precision", options.precision, "what products multiply: int8 is faster and less exact")
      ->check(CLI::IsMember({"float32", "int8"}))
      ->type_name("float32|int8")
      ->capture_default_str();
  app.add_option("--state", options.state, "which of several sets of weights in the file, such as model_ema")->type_name("PLACE");
}

inline void add_image_options(CLI::App& app, ModelOptions& options) {
  app.add_option("--threads", options.threads, "threads that compute, 1 to 1024")
      ->check(CLI::Range(1, 1024))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--batch", options.batch, "images computed at the same time; 1 shares each among all threads (default: one a thread)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  app.add_flag("--as-stored", options.as_stored, "do not turn photos as their camera says, as torchvision and timm do not");
}

inline PipelineOptions pipeline_options(const ModelOptions& options) {
  PipelineOptions pipeline{.threads = options.threads, .batch = options.batch};
  if (options.as_stored) pipeline.image.orientation = tessera::Orientation::as_stored;
  return pipeline;
}

// The file NAME.safetensors, .pth or .npz in $TESSERA_MODELS, in this folder, where examples/download.sh puts it, or among the bundled
// ones.
inline std::string find_weights(const std::string& name) {
  const auto variable = [](const char* what) {
    const char* const value = std::getenv(what);
    return std::string(value == nullptr ? "" : value);
  };
  std::vector<std::string> stems{name};
  for (const tessera::CheckpointInfo& known : tessera::detail::published_checkpoints())
    if (known.name == name && !known.file.empty()) stems.emplace_back(known.file);
  for (const std::string& folder :
       {variable("TESSERA_MODELS"), std::string("."), variable("HOME") + "/.cache/tessera", std::string(TESSERA_EXAMPLES_MODELS)})
    for (const std::string& stem : stems)
      for (const char* const ending : {"", ".safetensors", ".pth", ".pth.tar", ".npz"}) {
        const std::filesystem::path path = std::filesystem::path(folder.empty() ? "." : folder) / (stem + ending);
        std::error_code ignored;
        if (std::filesystem::is_regular_file(path, ignored)) return path.string();
      }
  return "";
}

// Fills in the file if only the name of the model is given. Throws an Error in one line if there is no such network or file.
inline std::unique_ptr<const tessera::AnyModel> load_model(ModelOptions& options) {
  if (options.weights.empty()) {
    if (options.model.empty()) throw tessera::Error("found neither --weights nor --model, expected one of them");
    options.weights = find_weights(options.model);
    if (options.weights.empty()) {
      std::vector<std::string> names = tessera::network_names();
      for (const tessera::CheckpointInfo& known : tessera::detail::published_checkpoints()) names.emplace_back(known.name);
      const std::vector<std::string_view> known(names.begin(), names.end());
      const bool exists = std::find(known.begin(), known.end(), options.model) != known.end();
      throw tessera::Error("--model " + options.model +
                           (exists
                                ? ": found no file of that name; name one by --weights, or fetch it by examples/download.sh"
                                : ": found no network or checkpoint of that name" + tessera::detail::did_you_mean(options.model, known)));
    }
  }
  const tessera::Precision precision = options.precision == "int8" ? tessera::Precision::int8 : tessera::Precision::float32;
  return tessera::load_any(options.weights, {.name = options.model, .state = options.state, .precision = precision});
}

// One label for each class: of the file or the list (in1k, in21k, cifar10) that the user names, else the model's.
inline std::vector<std::string> load_labels(const ModelOptions& options, const tessera::AnyModel& model) {
  std::vector<std::string> labels = model.labels();
  const auto copy = [&](auto known) { labels.assign(known.begin(), known.end()); };
  if (options.labels == "in1k")
    copy(tessera::imagenet_labels());
  else if (options.labels == "cifar10")
    copy(tessera::cifar10_labels());
  else if (options.labels == "in21k")
    labels = tessera::read_labels(std::string(TESSERA_EXAMPLES_MODELS) + "/../labels/imagenet21k.txt");
  else if (!options.labels.empty())
    labels = tessera::read_labels(options.labels);
  if (labels.size() != static_cast<std::size_t>(model.classes()))
    throw tessera::Error((options.labels.empty() ? std::string(model.name()) : "--labels " + options.labels) + ": found " +
                         std::to_string(labels.size()) + " labels, expected " + std::to_string(model.classes()) + ", one for each class");
  return labels;
}
