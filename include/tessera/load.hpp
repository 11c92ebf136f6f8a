// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tessera/engine/model.hpp"
#include "tessera/io/assign.hpp"
#include "tessera/io/metadata.hpp"
#include "tessera/io/read_tensors.hpp"
#include "tessera/io/self_test.hpp"

// From a published checkpoint to a network that runs:
//
//     const auto model = tessera::load<tessera::ResMlpS24>("resmlp_24_224.safetensors");
//     model(image), model.labels(), model.report()
//
// read_weights<N> stops half-way, at the unpacked numbers. All throw one tessera::Error that says what does not fit; a half-loaded model
// does not exist. save.hpp writes checkpoints.

namespace tessera {

struct LoadOptions {
  bool self_test = false;  // also run the checkpoint's self-test
  // Which of several sets of weights is taken, such as "model_ema": see AssignOptions::state.
  std::string state{};
};

// The numbers of a checkpoint as they are. float32 tensors are used in the file's memory, which the result keeps alive; others are
// converted. A network that names beginnings of keys in N::may_ignore loads without the tensors of those names. `weights` has no values
// yet, and maybe another number of classes; `state` is AssignOptions::state.
template <class N>
Weights<N> make_weights(const TensorFile& file, LoadReport* report = nullptr, Weights<N> weights = Weights<N>(),
                        const std::string& state = {}) {
  AssignOptions options;
  options.state = state;
  if constexpr (requires { N::may_ignore; }) options.may_ignore.assign(N::may_ignore.begin(), N::may_ignore.end());
  auto storage = std::make_shared<LoadedParameters>(assign(file, weights.parameters(), options));
  if (report != nullptr) *report = storage->report;
  weights.keep(std::move(storage));
  return weights;
}

template <class N>
Weights<N> read_weights(const FilePath& path, LoadReport* report = nullptr, const std::string& state = {}) {
  return make_weights<N>(read_tensors(path), report, Weights<N>(), state);
}

// A model, with what its file says beside the weights. It may be kept as a Model<N, E>, which leaves that away.
template <class N, Engine E = fast_engine>
class LoadedModel : public Model<N, E> {
 public:
  // For load, which makes it.
  LoadedModel(Model<N, E> model, std::vector<std::string> labels, LoadReport report)
      : Model<N, E>(std::move(model)), labels_(std::move(labels)), report_(std::move(report)) {}

  // One for each class, in the order of the scores; empty where the file has none.
  const std::vector<std::string>& labels() const { return labels_; }
  // What was found in the file and what became of it.
  const LoadReport& report() const { return report_; }

 private:
  std::vector<std::string> labels_;
  LoadReport report_;
};

// A network that runs, from a file that was read already.
template <class N, Engine E = fast_engine>
LoadedModel<N, E> load(const TensorFile& file, const LoadOptions& options = {}) {
  LoadReport report;
  Model<N, E> network(make_weights<N>(file, &report, Weights<N>(), options.state));
  LoadedModel<N, E> model(std::move(network), read_labels(file), std::move(report));
  if constexpr (N::input.fixed()) {
    if (options.self_test) self_test(model, file);
  } else {
    if (options.self_test)
      detail::fail(ErrorKind::does_not_fit, file.path,
                   ": self-test: found a network for images of any size, expected one with a fixed size");
  }
  return model;
}

template <class N, Engine E = fast_engine>
LoadedModel<N, E> load(const FilePath& path, const LoadOptions& options = {}) {
  return load<N, E>(read_tensors(path), options);
}

// From memory, which is needed only while this runs: a model holds packed numbers of its own.
template <class N, Engine E = fast_engine>
LoadedModel<N, E> load(std::span<const std::byte> bytes, const LoadOptions& options = {}) {
  return load<N, E>(parse_tensors({bytes, nullptr}, "memory"), options);
}

}  // namespace tessera
