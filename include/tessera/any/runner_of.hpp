// SPDX-License-Identifier: MIT
#pragma once

// RunnerOf<N, E>: a Runner that is made for the network N and the engine E, and network_entry<N, E>(), which describes it.

#include <algorithm>

#include "tessera/any/runner.hpp"
#include "tessera/engine/model.hpp"
#include "tessera/load.hpp"

namespace tessera::detail {

template <class N, Engine E>
class RunnerOf final : public Runner {
  using Program = LoweredOf<E, typename N::Body, typename N::Bound>;

 public:
  RunnerOf(const Weights<N>& weights, int classes) : program_(lower(weights)), classes_(classes) {}

  Shape output_shape(Shape image) const override {
    Shape out = N::Bound::output_shape(checked<N::input>("image", image));
    if (classes_ != 0) out.channels = classes_;
    return out;
  }
  std::size_t scratch_floats(Shape image) const override { return 2 * flow_floats(image) + Program::scratch_floats(image); }

  void run(const float* x, Shape image, float* y, Scratch& scratch, Observer* observer) const override {
    Scratch::Frame frame(scratch);
    const std::size_t floats = flow_floats(image);
    float* const first = frame.take(floats);
    Flow flow(x, image, first, frame.take(floats), observer);
    program_->run(flow, scratch);
    std::copy_n(flow.x(), output_shape(image).size(), y);
  }

 private:
  static std::unique_ptr<const Program> lower(const Weights<N>& weights) {
    BufferPool packed_weights;
    return std::make_unique<const Program>(weights.layers());
  }
  // The type knows the published head, the file may have a wider one.
  std::size_t flow_floats(Shape image) const {
    return std::max(Program::flow_floats(image), Scratch::rounded(output_shape(image)));
  }

  std::unique_ptr<const Program> program_;
  int classes_;
};

// The extents of the head's weight, [classes, channels]; [0, 0] for a backbone.
inline Extents head_extents(const std::vector<KeyAndExtents>& parameters) {
  for (const KeyAndExtents& parameter : parameters)
    if (parameter.key == "head.weight") return parameter.extents;
  return {0, 0};
}

template <class N>
std::vector<KeyAndExtents> parameters_of() {
  std::vector<KeyAndExtents> list;
  Weights<N> weights;
  for (const NamedParameter& named : weights.parameters()) list.push_back({named.key, extents_of(*named.parameter)});
  return list;
}

template <class N, Engine E = fast_engine>
NetworkEntry network_entry() {
  return {{N::name, N::input, static_cast<int>(head_extents(parameters_of<N>())[0]), N::parameter_count, N::macs, N::preprocessing},
          parameters_of<N>,
          [](const TensorFile& file, int classes, LoadReport* report) -> std::unique_ptr<Runner> {
            Weights<N> weights;
            if constexpr (requires { weights.set_classes(1); }) weights.set_classes(classes);
            return std::make_unique<RunnerOf<N, E>>(make_weights<N>(file, report, std::move(weights)), classes);
          }};
}

}  // namespace tessera::detail
