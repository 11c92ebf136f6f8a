// SPDX-License-Identifier: MIT
#include "tessera/vision/labels.hpp"

#include <algorithm>
#include <set>

#include "../catch.hpp"

TEST_CASE("There are 1000 ImageNet labels, each one once") {
  const auto labels = tessera::imagenet_labels();
  CHECK(labels.size() == 1000);
  CHECK(std::set<std::string_view>(labels.begin(), labels.end()).size() == 1000);
  CHECK(std::ranges::none_of(labels, &std::string_view::empty));
}

TEST_CASE("ImageNet labels are in the order of the classifiers' outputs") {
  const auto labels = tessera::imagenet_labels();
  CHECK(labels[0] == "tench");
  CHECK(labels[71] == "scorpion");
  CHECK(labels[134] == "crane (bird)");
  CHECK(labels[207] == "golden retriever");
  CHECK(labels[281] == "tabby");
  CHECK(labels[517] == "crane (machine)");
  CHECK(labels[849] == "teapot");
  CHECK(labels[920] == "traffic light");
  CHECK(labels[968] == "cup");
  CHECK(labels[999] == "toilet tissue");
}

TEST_CASE("CIFAR-10 labels are in the data set's order") {
  const auto labels = tessera::cifar10_labels();
  CHECK(labels.size() == 10);
  CHECK(labels[0] == "airplane");
  CHECK(labels[3] == "cat");
  CHECK(labels[9] == "truck");
}
