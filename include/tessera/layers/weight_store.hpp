// SPDX-License-Identifier: MIT
#pragma once

// What Weights<N> does that does not depend on N: finding parameters by their keys, and owning values.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "tessera/core/buffer.hpp"
#include "tessera/core/compiled.hpp"
#include "tessera/core/parameter.hpp"

namespace tessera::detail {

// The parameter of that key. Throws Error with the nearest keys if there is none.
Parameter& find_parameter(std::span<const NamedParameter> parameters, std::string_view key);

// The values of a parameter. Throws Error that names `key` if it has none.
std::span<const float> readable(const Parameter& parameter, std::string_view key);

// Throws Error that names the first parameter without values.
void check_bound(std::span<const NamedParameter> parameters);

// Changes the number of outputs of head.weight [classes, channels] and head.bias [classes].
void set_classes(std::span<const NamedParameter> parameters, int classes);

// The values of parameters: buffers that can be written, and whatever else has to stay alive.
class WeightStore {
 public:
  // Gives each parameter that has no values zeros.
  void allocate(std::span<const NamedParameter> parameters);
  // The values of a parameter, to be read and written. If they are not the store's own, they are copied first. A parameter without values
  // is an error that names `key`.
  std::span<float> writable(Parameter& parameter, std::string_view key);
  void keep(std::shared_ptr<const void> storage) { kept_.push_back(std::move(storage)); }

 private:
  std::vector<Buffer> buffers_;
  std::vector<std::shared_ptr<const void>> kept_;
};

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/layers/weight_store_inl.hpp"
#endif
