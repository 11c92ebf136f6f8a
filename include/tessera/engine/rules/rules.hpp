// SPDX-License-Identifier: MIT
#pragma once

// Every rule of the engine. Model<N> includes this, so that which rules exist never depends on what a user includes.

#include "tessera/engine/program.hpp"
#include "tessera/engine/rules/across_tokens.hpp"
#include "tessera/engine/rules/attention.hpp"
#include "tessera/engine/rules/channelwise.hpp"
#include "tessera/engine/rules/composition.hpp"
#include "tessera/engine/rules/convolution.hpp"
#include "tessera/engine/rules/convolution_pool.hpp"
#include "tessera/engine/rules/convolution_residual.hpp"
#include "tessera/engine/rules/cross_patch.hpp"
#include "tessera/engine/rules/depthwise.hpp"
#include "tessera/engine/rules/feed_forward.hpp"
#include "tessera/engine/rules/gated.hpp"
#include "tessera/engine/rules/layer_norm.hpp"
#include "tessera/engine/rules/linear.hpp"
#include "tessera/engine/rules/max_pool.hpp"
#include "tessera/engine/rules/parallel.hpp"
#include "tessera/engine/rules/patch_embed.hpp"
#include "tessera/engine/rules/pooled_head.hpp"
#include "tessera/engine/rules/shared.hpp"
#include "tessera/engine/rules/spatial.hpp"
#include "tessera/engine/rules/spatial_gating.hpp"
#include "tessera/engine/rules/wide_depthwise.hpp"
