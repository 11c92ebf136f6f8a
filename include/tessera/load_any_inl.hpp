// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "tessera/any/network_entry_of.hpp"
#include "tessera/any/networks.hpp"
#include "tessera/core/nearest.hpp"
#include "tessera/io/fit.hpp"
#include "tessera/io/key_names.hpp"
#include "tessera/io/metadata.hpp"
#include "tessera/io/read_tensors.hpp"
#include "tessera/io/self_test.hpp"
#include "tessera/io/variants.hpp"
#include "tessera/load_any.hpp"
#include "tessera/models/with_classes.hpp"
#include "tessera/vision/imagenet_labels.hpp"

namespace tessera {

namespace detail {

template <class C, class... N>
std::string_view network_of(Networks<N...>) {
  std::string_view name;
  (void)((std::same_as<typename WithClasses<C, 1>::Body, typename WithClasses<N, 1>::Body> ? (name = N::name, true) : false) || ...);
  return name;
}
template <class C>
CheckpointInfo checkpoint_info() {
  return {C::name, C::checkpoint.file, network_of<C>(PublishedNetworks{}), C::output.channels, C::checkpoint.top1, C::preprocessing};
}
template <class... C>
std::vector<CheckpointInfo> checkpoint_infos(Networks<C...>) {
  return {checkpoint_info<C>()...};
}
TESSERA_COLD_INLINE const std::vector<CheckpointInfo>& published_checkpoints() {
  static const std::vector<CheckpointInfo> all = checkpoint_infos(PublishedCheckpoints{});
  return all;
}

template <class... N>
std::vector<std::string_view> names_of(Networks<N...>) {
  return {N::name...};
}

// Which network, and which checkpoint of it if one was asked for by name.
struct Choice {
  const NetworkEntry* network = nullptr;
  const CheckpointInfo* checkpoint = nullptr;
};

TESSERA_COLD_INLINE const NetworkEntry* find_entry(std::span<const NetworkEntry> entries, std::string_view name) {
  for (const NetworkEntry& entry : entries)
    if (entry.info.name == name) return &entry;
  return nullptr;
}

TESSERA_COLD_INLINE Choice choose_by_name(const TensorFile& file, std::string_view name, std::span<const NetworkEntry> entries) {
  if (const NetworkEntry* const entry = find_entry(entries, name)) return {entry, nullptr};
  std::vector<std::string_view> known;
  for (const NetworkEntry& entry : entries) known.push_back(entry.info.name);
  for (const CheckpointInfo& checkpoint : published_checkpoints()) {
    const NetworkEntry* const entry = find_entry(entries, checkpoint.network);
    if (name == checkpoint.name || (name == checkpoint.file && !name.empty())) {
      if (entry != nullptr) return {entry, &checkpoint};
      fail(file.path, ": found checkpoint name ", quote(name), " of the network ", checkpoint.network,
           ", which this program was not compiled with");
    }
    if (entry != nullptr) known.push_back(checkpoint.name);
  }
  const auto published = names_of(PublishedNetworks{});
  if (std::find(published.begin(), published.end(), name) != published.end())
    fail(file.path, ": found network name ", quote(name), ", a published network that this program was not compiled with");
  fail(file.path, ": found network name ", quote(name), ", which is not known", did_you_mean(name, known));
}

// Where a network's weights are in a file, with any number of classes: everything but the head.
struct BodyFit {
  FoundWeights place;
  std::size_t parameters = 0;
  bool whole = false;  // all of them are there
};

TESSERA_COLD_INLINE BodyFit fit_body(const TensorFile& file, std::vector<OwnParameter>& own, const std::string& state) {
  std::vector<NamedParameter> wanted;
  for (OwnParameter& parameter : own)
    if (!parameter.key.starts_with("head.")) wanted.push_back({parameter.key, &parameter.parameter});
  const WantedTensors body(wanted);
  FoundWeights place = find_weights(file, body, state);
  const bool whole = place.prefix.fitting == body.group_count();
  return {std::move(place), body.group_count(), whole};
}

// The classes of the file's head; those of the network if the file does not say.
TESSERA_COLD_INLINE int classes_of(const TensorFile& file, const FoundWeights& place, int published) {
  const auto& tensors = file.states.empty() ? file.tensors : file.states[place.state].tensors;
  const std::string_view prefix = place.prefix.prefix;
  const NamedTensors named = name_under(tensors, prefix, recognise(tensors, prefix));
  constexpr std::int64_t most = 1 << 24;
  for (const NamedTensor& found : named.tensors)
    if (const Extents& extents = found.tensor.extents; found.tensor.name == "head.weight" && extents.size() == 2)
      if (extents[0] > 0 && extents[0] <= most) return static_cast<int>(extents[0]);
  return published;
}

// Compares the scores of the file's self-test with the model's.
TESSERA_COLD_INLINE void check_self_test_of(const AnyModel& model, const TensorFile& file) {
  const std::optional<SelfTest> test = read_self_test(file);
  if (!test || !model.input().fixed()) return;
  AnyTensor image(model.input());
  for (std::size_t i = 0; i < test->logits.size(); ++i) {
    fill_self_test_image(test->seed, i, model.input(), {image.data(), image.size()});
    const AnyTensor scores = model.scores(image.view());
    if (model.precision() == Precision::int8)
      check_int8_self_test(*test, i, {scores.data(), scores.size()}, file.path);
    else
      check_self_test(*test, i, {scores.data(), scores.size()}, file.path);
  }
}

TESSERA_COLD_INLINE std::unique_ptr<const AnyModel> load_any_of(const TensorFile& file, const CheckpointConfig* config,
                                                                const AnyOptions& options, std::span<const NetworkTable> tables) {
  // The last of the tables is for the widest instruction set.
  const NetworkTable* table = nullptr;
  for (const NetworkTable& candidate : tables)
    if (candidate.precision == options.precision && available(candidate.instruction_set) &&
        (!options.instruction_set || *options.instruction_set == candidate.instruction_set))
      table = &candidate;
  if (table == nullptr && !options.instruction_set)
    fail(file.path, ": found no networks of precision ", name_of(options.precision), " in this program; it must be compiled with them");
  if (table == nullptr)
    fail(file.path, ": found no networks for the instruction set ", name_of(*options.instruction_set), " and precision ",
         name_of(options.precision), " in this program, or the processor does not have it");

  const std::vector<NetworkEntry> entries = table->entries();

  const std::string name = options.name.empty() ? read_model_name(file) : options.name;
  Choice choice;
  BodyFit best;
  if (!name.empty()) {
    choice = choose_by_name(file, name, entries);
    std::vector<OwnParameter> own = choice.network->parameters();
    best = fit_body(file, own, options.state);
  } else {
    // The largest that fits: a deep network has all tensors of a shallow one.
    for (const NetworkEntry& entry : entries) {
      std::vector<OwnParameter> own = entry.parameters();
      BodyFit found = fit_body(file, own, options.state);
      if (!found.whole || found.parameters <= best.parameters) continue;
      best = std::move(found);
      choice.network = &entry;
    }
  }
  if (choice.network == nullptr)
    fail(ErrorKind::does_not_fit, file.path, ": found tensors of ", describe(sizes_of(name_tensors(file))), ", expected one of the ",
         entries.size(), " networks of this program; a name (AnyOptions::name) tells what does not fit");

  AnyModel::Facts facts;
  facts.network = choice.network->info;
  facts.name = choice.checkpoint == nullptr ? std::string(facts.network.name) : std::string(choice.checkpoint->name);
  facts.preprocessing = choice.checkpoint == nullptr ? facts.network.preprocessing : choice.checkpoint->preprocessing;
  facts.instruction_set = table->instruction_set;
  facts.precision = table->precision;
  facts.intermediates = choice.network->intermediates;
  facts.summary = choice.network->summary;
  facts.parameters = choice.network->parameters;
  facts.classes = facts.network.classes == 0 ? 0 : classes_of(file, best.place, facts.network.classes);
  const std::int64_t more = facts.classes - facts.network.classes, inputs = facts.network.head_inputs;
  facts.parameter_count = facts.network.parameter_count + more * (inputs + 1);
  if (facts.network.macs != 0) facts.macs = facts.network.macs + more * inputs;

  std::unique_ptr<const Runnable> network = choice.network->load(file, facts.classes, options.state, &facts.report);
  facts.labels = read_labels(file);
  if (config != nullptr && config->classes == facts.classes) {
    if (facts.labels.empty()) facts.labels = config->labels;
    if (config->preprocessing) facts.preprocessing = *config->preprocessing;
  }
  const std::size_t classes = static_cast<std::size_t>(facts.classes);
  if (facts.labels.empty() && classes == imagenet_labels().size() && facts.network.classes == facts.classes)
    facts.labels.assign(imagenet_labels().begin(), imagenet_labels().end());
  for (std::size_t k = facts.labels.size(); k < classes; ++k) facts.labels.push_back("class " + std::to_string(k));

  auto model = std::make_unique<const AnyModel>(std::move(network), std::move(facts));
  if (options.self_test) check_self_test_of(*model, file);
  return model;
}

TESSERA_COLD_INLINE std::unique_ptr<const AnyModel> load_any_at(const FilePath& path, const AnyOptions& options,
                                                                std::span<const NetworkTable> tables) {
  const std::optional<CheckpointConfig> config = options.config ? find_checkpoint_config(path) : std::nullopt;
  return load_any_of(read_tensors(path), config ? &*config : nullptr, options, tables);
}

// The networks of a list that are of one precision, for the instruction set of this unit.
template <Precision P, class... N>
NetworkTable native_table(Networks<N...>) {
  return {InstructionSet::baseline, P, [] {
            std::vector<NetworkEntry> entries;
            const auto add = [&entries]<class Listed>(Networks<Listed>) {
              if constexpr (precision_of<Listed> == P) entries.push_back(network_entry<NetworkOf<Listed>, engine_of<P>>());
            };
            (add(Networks<N>{}), ...);
            return entries;
          }};
}
// Those of either precision.
template <class... N>
std::vector<NetworkTable> native_tables(Networks<N...> list) {
  std::vector<NetworkTable> tables;
  if constexpr (((precision_of<N> == Precision::float32) || ...)) tables.push_back(native_table<Precision::float32>(list));
  if constexpr (((precision_of<N> == Precision::int8) || ...)) tables.push_back(native_table<Precision::int8>(list));
  return tables;
}

}  // namespace detail

#ifdef TESSERA_COMPILED

namespace detail {
// One for each instruction set, narrow ones first. CMakeLists.txt writes the unit that defines it.
std::span<const NetworkTable> compiled_tables();
}  // namespace detail

std::unique_ptr<const AnyModel> load_any(const TensorFile& file, const AnyOptions& options) {
  return detail::load_any_of(file, nullptr, options, detail::compiled_tables());
}
std::unique_ptr<const AnyModel> load_any(const FilePath& path, const AnyOptions& options) {
  return detail::load_any_at(path, options, detail::compiled_tables());
}
std::unique_ptr<const AnyModel> load_any(std::span<const std::byte> bytes, const AnyOptions& options, const std::string& name_in_errors) {
  return load_any(parse_tensors(SharedBytes{bytes, nullptr}, name_in_errors), options);
}

std::vector<std::string> network_names() {
  std::vector<std::string> names;
  for (const detail::NetworkEntry& entry : detail::compiled_tables()[0].entries()) names.emplace_back(entry.info.name);
  return names;
}
bool compiled_for(InstructionSet set) {
  for (const detail::NetworkTable& table : detail::compiled_tables())
    if (table.instruction_set == set) return true;
  return false;
}
bool compiled_for(Precision precision) {
  for (const detail::NetworkTable& table : detail::compiled_tables())
    if (table.precision == precision) return true;
  return false;
}

#else

// The networks that the program lists, or all published ones. Errors as above.
template <class... N>
std::unique_ptr<const AnyModel> load_any(const TensorFile& file, const AnyOptions& options = {}) {
  using List = std::conditional_t<sizeof...(N) == 0, PublishedNetworks, Networks<N...>>;
  return detail::load_any_of(file, nullptr, options, detail::native_tables(List{}));
}
template <class... N>
std::unique_ptr<const AnyModel> load_any(const FilePath& path, const AnyOptions& options = {}) {
  using List = std::conditional_t<sizeof...(N) == 0, PublishedNetworks, Networks<N...>>;
  return detail::load_any_at(path, options, detail::native_tables(List{}));
}
template <class... N>
std::unique_ptr<const AnyModel> load_any(std::span<const std::byte> bytes, const AnyOptions& options = {},
                                         const std::string& name_in_errors = "memory") {
  return load_any<N...>(parse_tensors(SharedBytes{bytes, nullptr}, name_in_errors), options);
}

#endif  // TESSERA_COMPILED

}  // namespace tessera
