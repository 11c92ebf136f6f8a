// SPDX-License-Identifier: MIT
#include "tessera/vision/preprocess.hpp"

#include <cmath>

#include "../catch.hpp"
#include "fixtures.hpp"
#include "tessera/core/batch.hpp"
#include "tessera/models/preprocessing.hpp"
#include "tessera/vision/resize.hpp"

using tessera::Dynamic;
using tessera::Filter;
using tessera::Fit;
using tessera::Image;
using tessera::Preprocessing;
using tessera::Shape;

// The exact comparison with timm and torchvision is made by the golden tests.

namespace {

struct FixedNet {
  static constexpr Shape input{20, 20, 3};
  static constexpr Preprocessing preprocessing = tessera::mixer_preprocessing;
};
struct WideNet {
  static constexpr Shape input{12, 30, 3};
  static constexpr Preprocessing preprocessing = tessera::imagenet_preprocessing;
};
struct AnySizeNet {
  static constexpr Shape input{Dynamic, Dynamic, 3};
  static constexpr Preprocessing preprocessing = tessera::imagenet_crop90_preprocessing;
};

std::vector<float> values(const auto& tensor) { return {tensor.begin(), tensor.end()}; }

std::array<int, 2> size_of(const Image& image) { return {image.width(), image.height()}; }

}  // namespace

TEST_CASE("The shorter side is resized to the side wanted, the longer in proportion and floored") {
  CHECK(size_of(tessera::resize_shorter_side(Image(375, 500), 256, Filter::bicubic)) == std::array{341, 256});
  CHECK(size_of(tessera::resize_shorter_side(Image(500, 375), 256, Filter::bicubic)) == std::array{256, 341});
  CHECK(size_of(tessera::resize_shorter_side(Image(40, 40), 73, Filter::bilinear)) == std::array{73, 73});
  CHECK(size_of(tessera::resize_shorter_side(Image(1, 33), 3, Filter::box)) == std::array{99, 3});
  CHECK_THROWS_AS(tessera::resize_shorter_side(Image(1, 60'000), 2, Filter::box), tessera::Error);
  CHECK_THROWS_AS(tessera::resize_shorter_side(Image(5, 5), 0, Filter::box), tessera::Error);
}

TEST_CASE("A picture whose shorter side is right already is not resampled") {
  const Image image = fixtures::pattern("noise", 71, 64);
  CHECK(tessera::resize_shorter_side(image, 64, Filter::bicubic) == image);
}

TEST_CASE("The side before cropping is the floor of the side over the ratio") {
  using tessera::detail::uncropped_side;
  CHECK(uncropped_side(224, 0.875) == 256);
  CHECK(uncropped_side(224, 0.9) == 248);
  CHECK(uncropped_side(224, 1.0) == 224);
  CHECK(uncropped_side(448, 0.875) == 512);
  CHECK(uncropped_side(384, 0.875) == 438);
}

TEST_CASE("Half offsets of the centre are rounded to even") {
  using tessera::detail::centre_offset;
  CHECK(centre_offset(85, 60) == 12);  // 12.5
  CHECK(centre_offset(71, 64) == 4);   // 3.5
  CHECK(centre_offset(65, 64) == 0);   // 0.5
  CHECK(centre_offset(67, 64) == 2);   // 1.5
  CHECK(centre_offset(102, 64) == 19);
}

TEST_CASE("Cropping beyond the picture sets it in black, the odd pixel to the right and below") {
  const Image image = fixtures::pattern("noise", 3, 9);
  const Image cropped = tessera::center_crop(image, 4, 6);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 6; ++x) {
      const bool inside = 1 <= x && x < 4;
      CAPTURE(x, y);
      if (inside) CHECK(std::ranges::equal(cropped.pixel(y, x), image.pixel(y + 2, x - 1)));
      if (!inside) CHECK(std::ranges::equal(cropped.pixel(y, x), std::array<std::uint8_t, 3>{}));
    }
  }
}

TEST_CASE("Normalising divides by 255, subtracts the mean and divides by the deviation, each rounded to float") {
  const Image image = fixtures::pattern("noise", 16, 16);
  const auto tensor = tessera::normalize(image, tessera::imagenet_preprocessing.mean, tessera::imagenet_preprocessing.deviation);
  for (std::size_t i = 0; i < image.size(); ++i) {
    const float scaled = static_cast<float>(image.data()[i]) / 255.0F;
    const float centred = scaled - tessera::imagenet_preprocessing.mean[i % 3];
    REQUIRE(tensor[i] == centred / tessera::imagenet_preprocessing.deviation[i % 3]);
  }
}

TEST_CASE("Preprocessing equals its steps one after the other") {
  for (const auto& [width, height] : {std::pair{50, 37}, {37, 50}, {23, 23}, {22, 90}, {40, 95}, {7, 5}, {400, 23}}) {
    const Image image = fixtures::pattern("noise", width, height);
    for (const Preprocessing& how : {tessera::imagenet_preprocessing, tessera::imagenet_crop90_preprocessing,
                                     tessera::mixer_miil_preprocessing, tessera::cifar10_preprocessing}) {
      const Image resized = tessera::resize_shorter_side(image, tessera::detail::uncropped_side(20, how.crop), how.filter);
      const auto in_steps = tessera::normalize(tessera::center_crop(resized, 20, 20), how.mean, how.deviation);
      CAPTURE(width, height, how.crop);
      CHECK(values(tessera::preprocess(image, how, 20)) == values(in_steps));
      CHECK(values(tessera::preprocess<FixedNet>(image, how)) == values(in_steps));
    }
  }
}

TEST_CASE("Preprocessing follows the Pillow that the record names") {
  const Image screenshot = fixtures::pattern("noise", 54, 120);
  Preprocessing how;
  const auto v13 = tessera::preprocess(screenshot, how, 24);
  how.pillow = tessera::PillowRule::v12;
  const auto v12 = tessera::preprocess(screenshot, how, 24);
  CHECK(values(v13) != values(v12));
  const Image resized = tessera::resize_shorter_side(screenshot, tessera::detail::uncropped_side(24, how.crop), how.filter, how.pillow);
  CHECK(values(v12) == values(tessera::normalize(tessera::center_crop(resized, 24, 24), how.mean, how.deviation)));
}

TEST_CASE("A network's own record and input size are used") {
  const Image image = fixtures::pattern("noise", 50, 37);
  const auto tensor = tessera::preprocess<FixedNet>(image);
  static_assert(decltype(tensor)::declared == FixedNet::input);
  CHECK(values(tensor) == values(tessera::preprocess(image, tessera::mixer_preprocessing, 20)));
}

TEST_CASE("A network that takes any size is given the size wanted") {
  const Image image = fixtures::pattern("noise", 50, 37);
  const auto tensor = tessera::preprocess<AnySizeNet>(image, 18, 18);
  CHECK(tensor.shape() == Shape{18, 18, 3});
  CHECK(values(tensor) == values(tessera::preprocess(image, tessera::imagenet_crop90_preprocessing, 18)));
  CHECK_THROWS_AS(tessera::preprocess<FixedNet>(image, 18, 18), tessera::Error);
}

TEST_CASE("A batch is filled image by image") {
  const Image first = fixtures::pattern("noise", 50, 37), second = fixtures::pattern("extremes", 24, 60);
  tessera::Batch<FixedNet::input> batch(2);
  tessera::preprocess<FixedNet>(first, batch[0]);
  tessera::preprocess<FixedNet>(second, batch[1], tessera::imagenet_preprocessing);
  CHECK(values(batch[0]) == values(tessera::preprocess<FixedNet>(first)));
  CHECK(values(batch[1]) == values(tessera::preprocess<FixedNet>(second, tessera::imagenet_preprocessing)));

  tessera::Batch<AnySizeNet::input> any_size(2, Shape{12, 18, 3});
  tessera::preprocess<AnySizeNet>(first, any_size[1]);
  CHECK(values(any_size[1]) == values(tessera::preprocess<AnySizeNet>(first, 12, 18)));
}

TEST_CASE("A model says for which network an image is prepared") {
  struct FixedModel {
    using network = FixedNet;
  };
  struct AnySizeModel {
    using network = AnySizeNet;
  };
  const Image image = fixtures::pattern("noise", 50, 37);
  CHECK(values(tessera::preprocess(FixedModel{}, image)) == values(tessera::preprocess<FixedNet>(image)));
  CHECK(values(tessera::preprocess(AnySizeModel{}, image, 8, 9)) == values(tessera::preprocess<AnySizeNet>(image, 8, 9)));
}

TEST_CASE("An input that is not square is cut from the picture that just covers it") {
  // 30 / 0.875 = 34, 12 / 0.875 = 13: a square picture becomes 34×34, a long one 13 high.
  const auto wide = tessera::preprocess<WideNet>(fixtures::pattern("noise", 50, 50));
  const auto long_one = tessera::preprocess<WideNet>(fixtures::pattern("noise", 100, 20));
  const auto steps = [](int width, int height, int to_width, int to_height) {
    const Image resized = tessera::resize(fixtures::pattern("noise", width, height), to_height, to_width, Filter::bicubic);
    const Preprocessing how;
    return values(tessera::normalize(tessera::center_crop(resized, 12, 30), how.mean, how.deviation));
  };
  CHECK(values(wide) == steps(50, 50, 34, 34));
  CHECK(values(long_one) == steps(100, 20, 65, 13));
}

TEST_CASE("A picture of any proportions fits in memory, for only its centre is computed") {
  const auto tensor = tessera::preprocess(fixtures::pattern("noise", 65'500, 1), tessera::imagenet_preprocessing, 224);
  CHECK(tensor.shape() == Shape{224, 224, 3});
  CHECK(std::ranges::all_of(tensor, [](float v) { return std::isfinite(v); }));
  CHECK(tessera::preprocess(fixtures::pattern("noise", 1, 1), tessera::imagenet_preprocessing, 224).size() == 224 * 224 * 3);
}

TEST_CASE("Squashing is TensorFlow's bilinear on floats, without antialiasing") {
  std::ifstream lines(fixtures::vision_data() / "squash.txt");
  std::string kind;
  int in_width = 0, in_height = 0, out_width = 0, out_height = 0, count = 0;
  while (lines >> kind >> in_width >> in_height >> out_width >> out_height) {
    const Image image = fixtures::pattern(kind, in_width, in_height);
    const auto tensor = tessera::preprocess(image, tessera::mixer_flax_preprocessing, out_height, out_width);
    float largest = 0.0F;
    for (const float got : tensor) {
      float want = 0.0F;
      lines >> want;
      largest = std::max(largest, std::abs(got - want));
    }
    CAPTURE(in_width, in_height, out_width, out_height);
    CHECK(largest < 1e-5F);  // a position near 31 is off by up to 2^-20, the slope between two pixels is at most 255/127.5
    ++count;
  }
  CHECK(count == 5);
}

TEST_CASE("Records that make no sense are refused") {
  const Image image(30, 30);
  const auto message = [&](Preprocessing how, int side = 8) { return fixtures::error_of([&] { tessera::preprocess(image, how, side); }); };
  CHECK(message({.crop = 0.0}) == "preprocess: found a crop ratio of 0, expected more than 0 and at most 1");
  CHECK(message({.crop = 1.5}).starts_with("preprocess: found a crop ratio of 1.5"));
  CHECK(message({.crop = std::nan("")}).starts_with("preprocess: found a crop ratio of nan"));
  CHECK(message({.crop = 1e-9}).find("more than 65500") != std::string::npos);
  CHECK(message({.deviation = {1.0F, 0.0F, 1.0F}}).find("deviation 0 in channel 1") != std::string::npos);
  CHECK(message({}, 0).starts_with("preprocess: found an image of 0×0 pixels"));
  CHECK(message({}, 65'500).starts_with("preprocess: found an image of 65500×65500 pixels"));
}

TEST_CASE("The flax record maps values from 0 to 255 onto -1 to 1") {
  const Image image(std::vector<std::uint8_t>{0, 127, 255}, 1, 1);
  const auto tensor = tessera::preprocess(image, tessera::mixer_flax_preprocessing, 1);
  CHECK(tensor[0] == -1.0F);
  CHECK(std::abs(tensor[1] - (127.0F - 127.5F) / 127.5F) < 1e-6F);
  CHECK(tensor[2] == 1.0F);
}
