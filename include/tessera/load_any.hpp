// SPDX-License-Identifier: MIT
#pragma once

// A network whose name is known only when the program runs:
//
//     const auto model = tessera::load_any("weights.pth");                                // what the file says or fits
//     const auto model = tessera::load_any("weights.pth", {.name = "mixer_b16_224"});     // where the file cannot tell
//
// With the compiled library (CMake target tessera::compiled) the networks are those that it was built with, each for several instruction
// sets, and a unit that includes this header compiles in seconds. With headers alone the networks are compiled into the unit:
//
//     tessera::load_any<tessera::ResMlpS12, tessera::MixerB16>("weights.pth")             // one of these two
//     tessera::load_any("weights.pth")                                                    // any published one: minutes to compile
//
// A network that is to run with products of bytes is compiled for that, too: the compiled library with TESSERA_COMPILED_PRECISIONS, or
//
//     tessera::load_any<tessera::Int8<tessera::ResMlpS12>>("weights.pth", {.precision = tessera::Precision::int8})

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tessera/any/any_model.hpp"
#include "tessera/any/instruction_set.hpp"
#include "tessera/any/network_entry.hpp"
#include "tessera/core/compiled.hpp"
#include "tessera/core/file_path.hpp"
#include "tessera/core/precision.hpp"
#include "tessera/io/checkpoint_config.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

struct AnyOptions {
  // A network ("mixer_b16_224") or a published checkpoint ("mixer_b16_224.goog_in21k", "resmlp_12_no_dist.pth"), whose images may be
  // prepared in a way of their own. Empty: the one that the file names in its metadata, else the first that its tensors fit.
  std::string name{};
  // Which of several sets of weights is taken, such as "model_ema": see AssignOptions::state.
  std::string state{};
  // Take labels and preprocessing from the config.json in the file's folder, if there is one and it has the file's number of classes.
  bool config = true;
  // Run the self-test of the file, if it has one. It costs a few images. With Precision::int8 scores may differ by more
  // (SelfTest::most_int8_error).
  bool self_test = true;
  // Force an instruction set, for tests; by default the best that the processor and the library have.
  std::optional<InstructionSet> instruction_set{};
  // What products multiply. With int8, networks are faster and take a quarter of the memory; docs/performance.md says what it costs.
  Precision precision = Precision::float32;
};

namespace detail {

// The networks of one instruction set and precision.
struct NetworkTable {
  InstructionSet instruction_set = InstructionSet::baseline;
  Precision precision = Precision::float32;
  // Made of code for the instruction set: to be called only where the processor has it.
  std::vector<NetworkEntry> (*entries)() = nullptr;
};

// `config`: of the folder that the file is in; null if there is none.
std::unique_ptr<const AnyModel> load_any_of(const TensorFile& file, const CheckpointConfig* config, const AnyOptions& options,
                                            std::span<const NetworkTable> tables);
std::unique_ptr<const AnyModel> load_any_at(const FilePath& path, const AnyOptions& options, std::span<const NetworkTable> tables);

// The published checkpoints, and the names of all published networks.
const std::vector<CheckpointInfo>& published_checkpoints();

}  // namespace detail
}  // namespace tessera

#ifdef TESSERA_COMPILED

namespace tessera {

// All three throw an Error if there is no such file, if it is damaged, if it fits none of the networks, or if a name is not known.
std::unique_ptr<const AnyModel> load_any(const FilePath& path, const AnyOptions& options = {});
std::unique_ptr<const AnyModel> load_any(const TensorFile& file, const AnyOptions& options = {});
// A checkpoint in memory, which must live as long as the call. Errors call it by `name_in_errors`.
std::unique_ptr<const AnyModel> load_any(std::span<const std::byte> bytes, const AnyOptions& options = {},
                                         const std::string& name_in_errors = "memory");

// The names of the networks that the library was compiled with, and whether it was compiled for an instruction set or a precision.
std::vector<std::string> network_names();
bool compiled_for(InstructionSet set);
bool compiled_for(Precision precision);

}  // namespace tessera

#else
#include "tessera/load_any_inl.hpp"
#endif
