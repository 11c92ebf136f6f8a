// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tessera/any/network_entry.hpp"
#include "tessera/any/save_with_head.hpp"
#include "tessera/core/error.hpp"
#include "tessera/io/assign.hpp"
#include "tessera/io/write_safetensors.hpp"
#include "tessera/save.hpp"

namespace tessera {

TESSERA_COLD_INLINE void save_with_head(const AnyModel& model, const TensorFile& file, const HeadValues& head, const FilePath& path,
                                        const Metadata& metadata, const std::string& state) {
  const std::size_t classes = head.bias.size(), channels = static_cast<std::size_t>(model.facts().network.head_inputs);
  if (channels == 0) detail::fail("save_with_head: found a network without a classifier, ", model.name(), ", expected one with");
  if (classes == 0 || head.weight.size() != classes * channels)
    detail::fail("save_with_head: found ", head.weight.size(), " weights and a bias of ", classes, ", expected ", channels,
                 " weights for each class");
  std::vector<detail::OwnParameter> own = model.facts().parameters();
  std::vector<NamedParameter> body;
  for (detail::OwnParameter& parameter : own)
    if (!parameter.key.starts_with("head.")) body.push_back({parameter.key, &parameter.parameter});
  // The model was loaded from the file: what it did not need then may be left out.
  const LoadedParameters values = assign(file, body, {.may_ignore = {""}, .state = state});

  std::vector<TensorEntry> tensors;
  for (const NamedParameter& named : body) tensors.push_back(detail::published_tensor(named.key, *named.parameter));
  const auto count = static_cast<std::int64_t>(classes), inputs = static_cast<std::int64_t>(channels);
  tensors.push_back({"head.weight", DType::f32, {count, inputs}, {inputs, 1}, std::as_bytes(head.weight)});
  tensors.push_back({"head.bias", DType::f32, {count}, {1}, std::as_bytes(head.bias)});
  write_safetensors(path, tensors, metadata);
}

}  // namespace tessera
