// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/core/file_path.hpp"
#include "tessera/core/preprocessing.hpp"
#include "tessera/core/shape.hpp"

namespace tessera {

// What the config.json beside a checkpoint says: timm writes it to the Hugging Face hub (architecture, num_classes, pretrained_cfg), and
// transformers does (id2label, and timm's entries for a model of timm's).
struct CheckpointConfig {
  std::string architecture;  // timm's name of the network, such as "resmlp_12_224"; empty if the file does not say
  std::string tag;           // timm's tag of the weights, such as "fb_in1k"; likewise
  // Of mean, std, interpolation and crop_pct. Empty if one of them is missing or is none that the library has: then there is no default
  // that could be right.
  std::optional<Preprocessing> preprocessing;
  std::optional<Shape> image;  // of input_size
  int classes = 0;             // 0 if the file does not say
  // label_names (or what label_descriptions says of them), or id2label in the order of its numbers. Empty, or one for each class.
  std::vector<std::string> labels;
};

// Throws an Error if there is no such file, if it is no JSON object, if an entry has a value that it cannot have, or if the labels are not
// as many as the classes.
CheckpointConfig read_checkpoint_config(const FilePath& path);

// The config.json in the folder of a checkpoint, or nothing if there is none.
std::optional<CheckpointConfig> find_checkpoint_config(const FilePath& checkpoint);

// The same from a text in memory. `name` begins the messages.
CheckpointConfig parse_checkpoint_config(std::string_view text, const std::string& name);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/checkpoint_config_inl.hpp"
#endif
