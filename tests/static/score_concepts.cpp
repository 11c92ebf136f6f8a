// SPDX-License-Identifier: MIT
//
// What top_k takes as scores and labels.

#include <array>
#include <deque>
#include <list>
#include <string>
#include <vector>

#include "tessera/core/batch.hpp"
#include "tessera/vision/labels.hpp"
#include "tessera/vision/top_k.hpp"

using namespace tessera;

static_assert(Scores<Tensor<Shape{1, 1, 10}>> && Scores<View<Shape{1, 1, 10}>>);
static_assert(Scores<std::vector<float>> && Scores<std::span<const float>> && Scores<std::array<float, 3>>);
static_assert(!Scores<std::vector<double>>);
static_assert(!Scores<std::vector<int>>);
static_assert(!Scores<std::deque<float>>);
static_assert(!Scores<std::string>);
static_assert(!Scores<float*>);
static_assert(!Scores<float>);

static_assert(Labels<std::span<const std::string_view>> && Labels<decltype(cifar10_labels())>);
static_assert(Labels<std::vector<std::string>> && Labels<std::array<const char*, 2>> && Labels<const char* [3]>);
static_assert(!Labels<std::vector<int>>);
static_assert(!Labels<std::list<std::string>>);
static_assert(!Labels<std::string>);
static_assert(!Labels<const char*>);
static_assert(!Labels<std::vector<std::vector<std::string>>>);
