// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tessera/core/buffer.hpp"
#include "tessera/core/compiled.hpp"
#include "tessera/core/parameter.hpp"
#include "tessera/io/load_report.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

// What may be missing, and which weights are taken.
struct AssignOptions {
  // Beginnings of library keys that the file may have and the network need not. "head." is one without saying so for a network that
  // has no parameter of that name.
  std::vector<std::string> may_ignore{};
  // Which of several sets of weights is taken: its place in the checkpoint ("model_ema", "state.model") or the prefix of its names
  // ("ema_model"). Empty: the one that fits; of two that fit the one that comes first in detail::ranked_words (io/key_names.hpp).
  std::string state{};
};

// Keeps the bound numbers alive.
struct LoadedParameters {
  // What parameters point into.
  std::vector<std::shared_ptr<const void>> files;
  // Values that are not in a file as they are needed.
  std::vector<Buffer> converted;
  // What was found, and what became of it.
  LoadReport report;
};

// Gives a network's parameters the numbers of a checkpoint, all of them or none.
//
// The weights may be in any of the file's states and after any prefix of the names; the state and the prefix are taken where all of the
// network is. A tensor that lies in the file as contiguous, aligned float32 is used where it is; any other is converted into memory of its
// own. Extents must agree; a one-dimensional parameter also accepts [1, C] and [1, 1, C]. Several keys may lead to one parameter (weights
// shared between blocks): the file may have all of them or some, and those that it has must hold the same numbers. A tensor that the
// network has no place for is refused, unless it stands outside of the prefix, may be ignored, or has no floating-point numbers.
//
// Throws a MisfitError (core/misfit_error.hpp) that says first what helps (the network that the file looks like, the prefix that comes
// closest) and lists what does not fit; the parameters then stay as they were.
LoadedParameters assign(const TensorFile& file, std::span<const NamedParameter> wanted, const AssignOptions& options = {});

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/assign_inl.hpp"
#endif
