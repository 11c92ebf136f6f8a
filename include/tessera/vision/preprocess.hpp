// SPDX-License-Identifier: MIT
#pragma once

// From a picture to the values that a network takes, as its Preprocessing record says (core/preprocessing.hpp): fit, then normalise.
//
//     crop      t = floor(side / crop);  shorter side → t, longer side → floor(t·long / short);  centre side×side, offsets
//               round((n - side) / 2) with ties to even;  (value/255 - mean) / deviation, every step rounded to float
//     squash    TensorFlow's bilinear on floats, then the same normalisation
//
// The result is height×width×3, channels last, RGB. For an input that is not square the picture is made just big enough to cover
// floor(height / crop)×floor(width / crop), which is the rule above where both are equal.
// Equals timm 1.0 and torchvision 0.14 on images that Pillow 13 resizes, and vit_jax's tf.image.resize to float rounding.

#include <array>

#include "tessera/core/compiled.hpp"
#include "tessera/core/preprocessing.hpp"
#include "tessera/core/shape.hpp"
#include "tessera/core/tensor.hpp"
#include "tessera/vision/image.hpp"

namespace tessera {

// RGB values of a picture whose size is known at run time: height×width×3.
using PixelTensor = Tensor<Shape{Dynamic, Dynamic, 3}>;

namespace detail {

using PixelView = MutableView<Shape{Dynamic, Dynamic, 3}>;

// Fits the picture to out's height and width and normalises it. The shape is checked against Image's limits.
void preprocess_into(const Image& image, const Preprocessing& how, PixelView out);

// (value/255 - mean) / deviation for each channel into out, which has the image's height and width.
void normalize_into(const Image& image, const std::array<float, 3>& mean, const std::array<float, 3>& deviation, PixelView out);

// The record of a network, which has to state one.
template <class Net>
constexpr const Preprocessing& preprocessing_of() {
  static_assert(
      requires { Net::preprocessing; },
      "preprocess: this network does not say how its images are prepared. Add a member to it, such as "
      "static constexpr tessera::Preprocessing preprocessing = tessera::imagenet_preprocessing; "
      "or pass a tessera::Preprocessing to preprocess.");
  return Net::preprocessing;
}

template <class Net>
constexpr void check_network() {
  static_assert(Net::input.channels == 3, "preprocess: the network must take RGB images");
}

// floor(side / crop), the side of the picture that `side` is cut out of.
int uncropped_side(int side, const double& crop);

struct Size {
  std::int64_t height, width;
};
// The size with the sides' ratio kept that just covers height×width: one side equal, the other floored but no smaller.
Size covering_size(const Image& image, std::int64_t height, std::int64_t width);

// round((whole - part) / 2), ties to even, for whole >= part: where the centre begins.
std::int64_t centre_offset(std::int64_t whole, std::int64_t part);

}  // namespace detail

// For a network with a fixed input: Net::input is its shape, Net::preprocessing the record that its checkpoints were trained with.
template <class Net>
Tensor<Net::input> preprocess(const Image& image, const Preprocessing& how) {
  detail::check_network<Net>();
  static_assert(Net::input.fixed(), "preprocess: this network takes images of any size; pass the height and width wanted");
  Tensor<Net::input> out;
  detail::preprocess_into(image, how, {out.data(), out.shape()});
  return out;
}
template <class Net>
Tensor<Net::input> preprocess(const Image& image) {
  return preprocess<Net>(image, detail::preprocessing_of<Net>());
}

// For a network that takes images of any size (Tensor's constructor refuses a size that the network does not take).
template <class Net>
Tensor<Net::input> preprocess(const Image& image, int height, int width, const Preprocessing& how) {
  detail::check_network<Net>();
  detail::checked_image_size(height, width, "preprocess");
  Tensor<Net::input> out(Shape{height, width, 3});
  detail::preprocess_into(image, how, {out.data(), out.shape()});
  return out;
}
template <class Net>
Tensor<Net::input> preprocess(const Image& image, int height, int width) {
  return preprocess<Net>(image, height, width, detail::preprocessing_of<Net>());
}

// Into memory that is there already, such as one image of a batch: preprocess<Net>(image, batch[i]). The view has the size wanted.
template <class Net>
void preprocess(const Image& image, MutableView<Net::input> out, const Preprocessing& how) {
  detail::check_network<Net>();
  detail::preprocess_into(image, how, {out.data(), out.shape()});
}
template <class Net>
void preprocess(const Image& image, MutableView<Net::input> out) {
  preprocess<Net>(image, out, detail::preprocessing_of<Net>());
}

// For a model, which knows its network: model(preprocess(model, image)).
template <class M>
  requires requires { typename M::network; }
auto preprocess(const M&, const Image& image) {
  return preprocess<typename M::network>(image);
}
template <class M>
  requires requires { typename M::network; }
auto preprocess(const M&, const Image& image, int height, int width) {
  return preprocess<typename M::network>(image, height, width);
}

// For a size that is known when the program runs. Throws Error if the size is beyond Image's limits or the record makes no sense.
PixelTensor preprocess(const Image& image, const Preprocessing& how, int height, int width);
PixelTensor preprocess(const Image& image, const Preprocessing& how, int side);

// Each step on its own: what preprocess does in one go, without computing what is then cut off.

// Shorter side → shorter, longer side → floor(shorter·long / short). A picture that has that shorter side stays as it is.
Image resize_shorter_side(const Image& image, int shorter, Filter filter, PillowRule rule = PillowRule::v13);

// The centre of a picture. A picture that is smaller is set in black, as torchvision does.
Image center_crop(const Image& image, int height, int width);

// (value/255 - mean) / deviation for each channel, each operation rounded to float, also with -ffast-math.
PixelTensor normalize(const Image& image, const std::array<float, 3>& mean, const std::array<float, 3>& deviation);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/vision/preprocess_inl.hpp"
#endif
