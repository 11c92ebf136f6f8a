// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "tessera/any/any_model.hpp"
#include "tessera/vision/preprocess.hpp"

namespace tessera {

TESSERA_INLINE AnyTensor AnyModel::preprocess(const Image& image) const {
  const Preprocessing& how = facts_.preprocessing;
  const bool fixed = input().fixed();
  AnyTensor x(fixed ? input() : Shape{image.height(), image.width(), input().channels});
  if (fixed)
    detail::preprocess_into(image, how, {x.data(), x.shape()});
  else
    detail::normalize_into(image, how.mean, how.deviation, {x.data(), x.shape()});
  return x;
}

TESSERA_INLINE AnyTensor AnyModel::run(View<any_shape> x, Workers* workers, Observer* observer) const {
  detail::check_image(*network_, x.shape());
  AnyTensor y(network_->sizes(x.shape()).output);
  detail::run_image(*network_, {x.data(), x.shape()}, {y.data(), y.shape()}, workers, observer);
  return y;
}

TESSERA_INLINE AnyBatch AnyModel::run(const AnyBatch& x, Workers* workers) const {
  detail::check_image(*network_, x.shape());
  AnyBatch y(x.count(), network_->sizes(x.shape()).output);
  detail::run_batch(*network_, {x.data(), x.shape(), x.count()}, {y.data(), y.shape(), y.count()}, workers);
  return y;
}

TESSERA_INLINE AnyTensor AnyModel::scores(View<any_shape> x) const { return run(x, nullptr, nullptr); }
TESSERA_INLINE AnyTensor AnyModel::scores(View<any_shape> x, Workers& workers) const { return run(x, &workers, nullptr); }
TESSERA_INLINE AnyBatch AnyModel::scores(const AnyBatch& x) const { return run(x, nullptr); }
TESSERA_INLINE AnyBatch AnyModel::scores(const AnyBatch& x, Workers& workers) const { return run(x, &workers); }
TESSERA_INLINE AnyTensor AnyModel::observe(View<any_shape> x, Observer& observer) const { return run(x, nullptr, &observer); }

TESSERA_INLINE AnyTensor AnyModel::intermediate(View<any_shape> x, std::string_view name) const {
  const std::vector<std::string> known = intermediates();
  if (std::find(known.begin(), known.end(), name) == known.end()) detail::fail_name(name, known);
  return std::move(detail::run_observed(*network_, {x.data(), x.shape()}, {&name, 1}).front());
}

}  // namespace tessera
