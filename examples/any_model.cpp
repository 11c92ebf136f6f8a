// SPDX-License-Identifier: MIT
#include "any_model.hpp"

std::vector<ModelEntry> cifar10_models();
std::vector<ModelEntry> convmlp_models();
std::vector<ModelEntry> gmlp_models();
std::vector<ModelEntry> mixer_models();
std::vector<ModelEntry> resmlp_models();
std::vector<ModelEntry> spach_models();
std::vector<ModelEntry> spach_ms_models();

std::vector<ModelEntry> all_models() {
  std::vector<ModelEntry> all;
  for (const auto family : {cifar10_models, resmlp_models, mixer_models, spach_models, spach_ms_models, convmlp_models, gmlp_models})
    for (const ModelEntry& entry : family()) all.push_back(entry);
  return all;
}

std::unique_ptr<AnyModel> load_any(std::string name, const tessera::TensorFile& file) {
  if (name.empty()) name = tessera::read_model_name(file);
  if (name.empty())
    if (const auto fits = tessera::find_networks(tessera::sizes_of(tessera::name_tensors(file))); !fits.empty()) name = fits[0].name;
  const auto models = all_models();
  for (const std::string& wanted : {name, name.substr(0, name.find('.'))})
    for (const ModelEntry& entry : models)
      if (entry.name == wanted) return entry.load(file);
  std::string known;
  for (const ModelEntry& entry : models) known += "\n  " + std::string(entry.name);
  throw tessera::Error(file.path + ": found model name \"" + name + "\", expected one of" + known);
}
