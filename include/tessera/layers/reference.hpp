// SPDX-License-Identifier: MIT
#pragma once

// The arithmetic of the layers' reference forwards, on shapes that are known at run time: plain loops. Each equation stands in the layer's
// own header. The functions are short and obviously right, the engine is fast; tests hold the two together. Sums of a norm or a mean are
// made in double precision.
//
// Where nothing else is said, y has the shape that the layer gives for x, and does not overlap x. A bias may be null.

#include "tessera/core/compiled.hpp"
#include "tessera/core/parameter.hpp"
#include "tessera/core/tensor.hpp"

namespace tessera::detail {

// y = x
void reference_copy(View<any_shape> x, MutableView<any_shape> y);
// y = y + x
void reference_add(View<any_shape> x, MutableView<any_shape> y);
// y = 0
void reference_clear(MutableView<any_shape> y);
// y[c,n] = x[n,c], for x as positions × channels
void reference_transpose(View<any_shape> x, MutableView<any_shape> y);
// The second half of x's channels.
void reference_second_half(View<any_shape> x, MutableView<any_shape> y);
// y = y ⊙ the first half of x's channels
void reference_times_first_half(View<any_shape> x, MutableView<any_shape> y);
// y = f(x), element by element
void reference_map(float (*f)(float), View<any_shape> x, MutableView<any_shape> y);

// shift may be null.
void reference_scale_shift(View<any_shape> x, const Parameter& scale, const Parameter* shift, MutableView<any_shape> y);
void reference_batch_norm(View<any_shape> x, const Parameter& weight, const Parameter& bias, const Parameter& mean,
                          const Parameter& variance, float epsilon, MutableView<any_shape> y);
void reference_layer_norm(View<any_shape> x, const Parameter& weight, const Parameter& bias, float epsilon, MutableView<any_shape> y);
void reference_group_norm(View<any_shape> x, int groups, const Parameter& weight, const Parameter& bias, float epsilon,
                          MutableView<any_shape> y);
void reference_mean_pool(View<any_shape> x, MutableView<any_shape> y);

// The number of outputs is y's number of channels, the rows of the weight.
void reference_linear(View<any_shape> x, const Parameter& weight, const Parameter* bias, MutableView<any_shape> y);
// Working memory: qkv of N × 3C floats, mixed of N × C, weights of N × N.
struct AttentionMemory {
  float *qkv, *mixed, *weights;
};
void reference_attention(View<any_shape> x, int heads, const Parameter& qkv_weight, const Parameter* qkv_bias, const Parameter& proj_weight,
                         const Parameter& proj_bias, AttentionMemory memory, MutableView<any_shape> y);

// Zeros around the map. The kernel is square: the weight's last extent.
void reference_convolution(View<any_shape> x, const Parameter& weight, const Parameter* bias, int stride, int padding,
                           MutableView<any_shape> y);
void reference_depthwise(View<any_shape> x, const Parameter& weight, const Parameter* bias, MutableView<any_shape> y);
void reference_max_pool(View<any_shape> x, int kernel, int stride, int padding, MutableView<any_shape> y);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/layers/reference_inl.hpp"
#endif
