// SPDX-License-Identifier: MIT
#pragma once

// Everything but workers (threads/thread_pool_workers.hpp). Convenient, not required: each header compiles alone. Link tessera::io and
// tessera::vision.

#include "tessera/engine/pyramid.hpp"
#include "tessera/load.hpp"
#include "tessera/models/cifar10.hpp"
#include "tessera/models/conv_mlp.hpp"
#include "tessera/models/gmlp.hpp"
#include "tessera/models/mlp_mixer.hpp"
#include "tessera/models/resmlp.hpp"
#include "tessera/models/spach.hpp"
#include "tessera/models/with_classes.hpp"
#include "tessera/models/with_image.hpp"
#include "tessera/save.hpp"
#include "tessera/vision/labels.hpp"
#include "tessera/vision/preprocess.hpp"
#include "tessera/vision/read_image.hpp"
#include "tessera/vision/top_k.hpp"
