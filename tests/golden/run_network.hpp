// SPDX-License-Identifier: MIT
#pragma once

// The body of the function that network.hpp describes.

#include "network.hpp"
#include "tessera/engine/model.hpp"
#include "tessera/io/assign.hpp"

namespace golden {

class Forwarder : public tessera::Observer {
 public:
  explicit Forwarder(Sink& sink) : sink_(sink) {}
  void see(std::string_view name, tessera::Shape shape, const float* x) override { sink_.see(image, name, shape, x); }
  int image = 0;

 private:
  Sink& sink_;
};

template <class N>
void run_network(const Request& request) {
  const auto model = [&] {
    tessera::Weights<N> weights;
    tessera::AssignOptions options;
    if (request.backbone) options.may_ignore = {"norm.", "head.", "neck."};
    const auto storage = tessera::assign(request.weights, weights.parameters(), options);
    return tessera::Model<N>(weights);
  }();
  constexpr tessera::Shape in = N::input;
  tessera::Tensor<in> x;
  Forwarder forwarder(request.sink);
  for (int image = 0; image < request.images; ++image) {
    const float* const planes = request.input.data() + image * in.size();
    for (int c = 0; c < in.channels; ++c)
      for (int p = 0; p < in.positions(); ++p) x.data()[p * in.channels + c] = planes[c * in.positions() + p];
    forwarder.image = image;
    const auto y = model.observe(x, forwarder);
    if (image == 0) {  // Watching must not change the result.
      const auto unobserved = model(x);
      if (!std::equal(y.begin(), y.end(), unobserved.begin())) tessera::detail::fail("found other bits when observed, expected the same");
    }
    request.sink.see(image, "logits", y.shape(), y.data());
  }
}

template <class N>
bool register_network(const char* expression) {
  return register_network(expression, {&run_network<N>, {N::parameter_count, N::macs}});
}

}  // namespace golden
