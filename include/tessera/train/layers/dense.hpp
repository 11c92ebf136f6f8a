// SPDX-License-Identifier: MIT
#pragma once

// Linear, and convolutions of 1×1 positions, in training. Equations: layers/products.hpp.

#include "tessera/train/layers/products.hpp"
#include "tessera/train/training_layer.hpp"

namespace tessera::detail {

template <Isa I>
class TrainingDense final : public TrainingLayer {
 public:
  // weight: outputs × inputs; bias: outputs, or none.
  TrainingDense(Shape in, Shape out, Trained weight, Trained bias) : TrainingLayer(in, out), weight_(weight), bias_(bias) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    const std::ptrdiff_t inputs = channels(), outputs = out().channels;
    TrainingPass::Loan panels(pass, panel_floats<I>(inputs, outputs)), padded(pass, bias_floats<I>(outputs));
    turn_panels<I>(weight_.values, inputs, outputs, inputs, panels.data());
    const float* const bias = pad_bias<I>(bias_.values, outputs, padded.data());
    for_rows(pass, [&](std::ptrdiff_t first, std::ptrdiff_t rows, Scratch&) {
      multiply_packed<I>(x + first * inputs, inputs, rows, inputs, panels.data(), outputs,
                         {.y = y + first * outputs, .stride = outputs, .bias_of = BiasOf::channel, .bias = bias});
    });
  }

  void backward(TrainingPass& pass, const float* x, const float* dy, float* dx) override {
    const std::ptrdiff_t inputs = channels(), outputs = out().channels, size = inputs * outputs;
    TrainingPass::Loan panels(pass, panel_floats<I>(outputs, inputs)), total(pass, size + outputs);
    pack_rows<I>(weight_.values, outputs, inputs, panels.data());
    pass.sum_over_groups(size + outputs, total.data(), [&](std::ptrdiff_t image, std::ptrdiff_t images, float* sums, Scratch& scratch) {
      for_rows_of(image, images, [&](std::ptrdiff_t first, std::ptrdiff_t rows) {
        add_weight_gradient<I>(dy + first * outputs, x + first * inputs, rows, outputs, inputs, sums, sums + size, scratch);
        if (dx == nullptr) return;
        multiply_packed<I>(dy + first * outputs, outputs, rows, outputs, panels.data(), inputs,
                           {.y = dx + first * inputs, .stride = inputs});
      });
    });
    add_to(weight_.gradient, total.data(), size);
    if (bias_.gradient != nullptr) add_to(bias_.gradient, total.data() + size, outputs);
  }

  std::size_t scratch_floats() const override { return weight_gradient_scratch<I>(out().channels, channels()); }

 private:
  // use(first row, rows) for pieces of the rows of some images.
  template <class Use>
  void for_rows_of(std::ptrdiff_t image, std::ptrdiff_t images, const Use& use) const {
    const std::ptrdiff_t end = (image + images) * positions();
    for (std::ptrdiff_t first = image * positions(); first < end; first += training_rows) use(first, std::min(training_rows, end - first));
  }
  template <class Use>
  void for_rows(TrainingPass& pass, const Use& use) const {
    pass.for_groups([&](std::ptrdiff_t, std::ptrdiff_t image, std::ptrdiff_t images, Scratch& scratch) {
      for_rows_of(image, images, [&](std::ptrdiff_t first, std::ptrdiff_t rows) { use(first, rows, scratch); });
    });
  }

  Trained weight_, bias_;
};

}  // namespace tessera::detail
