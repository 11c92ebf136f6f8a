// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/engine/flow.hpp"

namespace tessera::detail {

TESSERA_INLINE std::string joined_name(std::string_view path, std::string_view label) {
  std::string name(path);
  if (!name.empty() && !label.empty()) name += '.';
  return name += label;
}

TESSERA_INLINE void Flow::copy_input() {
  std::copy_n(x_, shape_.size(), next_);
  advance(shape_);
}

TESSERA_INLINE std::size_t Flow::enter_watched(std::string_view label) {
  const std::size_t outer = watch_->path.size();
  watch_->path = joined_name(watch_->path, label);
  return outer;
}

TESSERA_INLINE void Flow::leave_watched(std::size_t outer, bool labelled) {
  if (labelled && watch_->observer.wants(watch_->path)) watch_->observer.see(watch_->path, shape_, x_);
  watch_->path.resize(outer);
}

TESSERA_INLINE bool Flow::wants_watched(std::string_view label) const {
  return !label.empty() && watch_->observer.wants(joined_name(watch_->path, label));
}

TESSERA_INLINE void Flow::show(std::string_view label, Shape shape, const float* x) const {
  if (wants(label)) watch_->observer.see(joined_name(watch_->path, label), shape, x);
}

TESSERA_INLINE void show_addition(const Addition& addition, std::string_view label, const Flow& flow, Scratch& scratch) {
  if (!flow.wants(label)) return;
  Buffer alone(static_cast<std::size_t>(flow.shape().size()));
  addition.add(addition.step, flow.x(), flow.shape(), alone.data(), scratch);
  flow.show(label, flow.shape(), alone.data());
}

TESSERA_INLINE void show_difference(std::string_view label, const Flow& flow) {
  Buffer alone(static_cast<std::size_t>(flow.shape().size()));
  for (std::size_t i = 0; i < alone.size(); ++i) alone.data()[i] = flow.next()[i] - flow.x()[i];
  flow.show(label, flow.shape(), alone.data());
}

TESSERA_INLINE void run_residual(const Addition& addition, std::string_view label, Flow& flow, Scratch& scratch) {
  show_addition(addition, label, flow, scratch);
  float* const x = flow.in_place();
  addition.add(addition.step, x, flow.shape(), x, scratch);
}

}  // namespace tessera::detail
