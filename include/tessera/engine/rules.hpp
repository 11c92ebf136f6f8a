// SPDX-License-Identifier: MIT
#pragma once

// Every rule of the engine. Model<N> includes this, so that which rules exist never depends on what a user includes.

#include "tessera/engine/convolution_pool_step.hpp"
#include "tessera/engine/convolution_residual_step.hpp"
#include "tessera/engine/convolution_step.hpp"
#include "tessera/engine/cross_patch_step.hpp"
#include "tessera/engine/depthwise_step.hpp"
#include "tessera/engine/feed_forward_step.hpp"
#include "tessera/engine/layer_norm_step.hpp"
#include "tessera/engine/linear_step.hpp"
#include "tessera/engine/max_pool_step.hpp"
#include "tessera/engine/parallel_step.hpp"
#include "tessera/engine/patch_embed_step.hpp"
#include "tessera/engine/pooled_head_step.hpp"
#include "tessera/engine/program.hpp"
#include "tessera/engine/spatial_gating_step.hpp"
#include "tessera/engine/spatial_step.hpp"
