// SPDX-License-Identifier: MIT
//
// The bundled models predict, image by image, what PyTorch predicts with the same file. tests/data/cifar10/<model>.u8 has PyTorch's
// classes of the 10,000 test images in order of file name (examples/train/predict.py); the images come from the shared folder.
// 500 images by default, all of them with TESSERA_CIFAR10_IMAGES=10000.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "catch.hpp"
#include "tessera/tessera.hpp"

namespace fs = std::filesystem;

namespace {

using BundledModels = std::tuple<tessera::ResMlpCifar10, tessera::MixerCifar10, tessera::SpachMsCifar10, tessera::ConvMlpCifar10>;

fs::path model_file(std::string_view name) { return fs::path(TESSERA_MODELS) / (std::string(name) + ".safetensors"); }

std::vector<fs::path> test_images() {
  std::vector<fs::path> images;
  if (const fs::path folder = TESSERA_CIFAR10_IMAGES_DIR; fs::is_directory(folder))
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.path().extension() == ".jpg") images.push_back(entry.path());
  std::sort(images.begin(), images.end());
  return images;
}

// How many of the test images are looked at.
std::size_t image_count() {
  const char* const asked = std::getenv("TESSERA_CIFAR10_IMAGES");
  return static_cast<std::size_t>(std::clamp(asked == nullptr ? 500 : std::atoi(asked), 1, 10'000));
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("A bundled model passes the self-test in its file and names its ten classes", "", BundledModels) {
  const auto file = tessera::read_tensors(model_file(TestType::name));
  REQUIRE(tessera::read_model_name(file) == TestType::name);
  const auto labels = tessera::read_labels(file);
  REQUIRE(std::equal(labels.begin(), labels.end(), tessera::cifar10_labels().begin(), tessera::cifar10_labels().end()));
  const auto model = tessera::load<TestType>(model_file(TestType::name), {.self_test = true});
  REQUIRE(model.labels() == labels);
  REQUIRE(model.report().used > 0);
  REQUIRE(tessera::self_test(model, file) <= 1e-4);
}

TEST_CASE("The best bundled model states an accuracy above 86 %") {
  const auto file = tessera::read_tensors(model_file(tessera::SpachMsCifar10::name));
  REQUIRE(std::stod(file.metadata.at("test_accuracy")) >= 0.86);
}

TEMPLATE_LIST_TEST_CASE("A bundled model predicts what PyTorch predicts, image by image", "", BundledModels) {
  const auto images = test_images();
  if (images.empty()) {
    std::cout << "skipped: the CIFAR-10 test images of the shared folder are not there\n";
    return;
  }
  REQUIRE(images.size() == 10'000);
  std::ifstream in(fs::path(TESSERA_TEST_DATA) / "cifar10" / (std::string(TestType::name) + ".u8"), std::ios::binary);
  const std::vector<char> want{std::istreambuf_iterator<char>(in), {}};
  REQUIRE(want.size() == images.size());
  const std::size_t count = image_count();

  const auto model = tessera::load<TestType>(model_file(TestType::name));
  std::size_t different = 0, right = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t index = i * images.size() / count;  // spread over the classes
    const auto scores = model(tessera::preprocess<TestType>(tessera::read_image(images[index])));
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    different += best != want[index];
    right += tessera::cifar10_labels()[static_cast<std::size_t>(best)] == images[index].parent_path().filename().string();
  }
  std::cout << TestType::name << ": " << count << " images, " << different << " predicted otherwise than by PyTorch, " << right
            << " right\n";
  REQUIRE(different == 0);
  // The accuracy that the file states, exactly where every image was looked at.
  const double stated = std::stod(tessera::read_tensors(model_file(TestType::name)).metadata.at("test_accuracy"));
  const double accuracy = static_cast<double>(right) / static_cast<double>(count);
  REQUIRE(std::abs(accuracy - stated) <= (count == images.size() ? 1e-9 : 2.0 / std::sqrt(count)));
}

// Products of bytes change few predictions: 0.2 to 0.5 % of 10,000 images where weights have 8 bits, 0.2 to 0.9 % where they have 7.
TEMPLATE_LIST_TEST_CASE("A bundled model with products of bytes predicts what it predicts in float32", "", BundledModels) {
  const auto images = test_images();
  if (images.empty()) {
    std::cout << "skipped: the CIFAR-10 test images of the shared folder are not there\n";
    return;
  }
  const auto floats = tessera::load<TestType>(model_file(TestType::name));
  const auto bytes = tessera::load<TestType, tessera::int8_engine>(model_file(TestType::name));
  const std::size_t count = image_count();
  std::size_t same = 0;
  std::ptrdiff_t gained = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const fs::path& path = images[i * images.size() / count];
    const auto x = tessera::preprocess<TestType>(tessera::read_image(path));
    const auto best = [&](const auto& model) {
      const auto scores = model(x);
      return std::max_element(scores.begin(), scores.end()) - scores.begin();
    };
    const auto right = [&](std::ptrdiff_t label) {
      return tessera::cifar10_labels()[static_cast<std::size_t>(label)] == path.parent_path().filename().string();
    };
    const auto here = best(bytes), want = best(floats);
    same += here == want;
    gained += right(here) - right(want);
  }
  std::cout << TestType::name << " with products of bytes: " << count << " images, " << count - same
            << " predicted otherwise than in float32, " << gained << " more of them right\n";
  // Of few images, a few more may be among them.
  CHECK(count - same <= count / 100 + (count == images.size() ? 0 : 5));
  if (count == images.size()) CHECK(std::abs(static_cast<double>(gained)) <= 0.0015 * static_cast<double>(count));
}
