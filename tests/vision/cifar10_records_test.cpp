// SPDX-License-Identifier: MIT
#include "tessera/vision/cifar10_records.hpp"

#include <vector>

#include "../catch.hpp"

TEST_CASE("A CIFAR-10 record has its class first, then the planes") {
  std::vector<std::byte> file(2 * tessera::cifar10_record_bytes);
  const auto second = std::span(file).subspan(tessera::cifar10_record_bytes);
  second[0] = std::byte{7};
  for (std::size_t i = 0; i < 3072; ++i) second[1 + i] = static_cast<std::byte>(i * 7 % 251);
  CHECK(tessera::count_cifar10_records(file, "f") == 2);
  CHECK(tessera::cifar10_class(std::span(file).first(tessera::cifar10_record_bytes)) == 0);
  CHECK(tessera::cifar10_class(second) == 7);
  const tessera::Image image = tessera::cifar10_image(second);
  REQUIRE(image.height() == 32);
  REQUIRE(image.width() == 32);
  for (const auto& [y, x] : {std::pair{0, 0}, {0, 31}, {5, 9}, {31, 31}})
    for (int c = 0; c < 3; ++c) CHECK(image.pixel(y, x)[static_cast<std::size_t>(c)] == (c * 1024 + y * 32 + x) * 7 % 251);
}

TEST_CASE("Files that are no CIFAR-10 records are refused") {
  std::vector<std::byte> file(2 * tessera::cifar10_record_bytes);
  file[tessera::cifar10_record_bytes] = std::byte{10};
  CHECK_THROWS_WITH(tessera::count_cifar10_records(file, "f.bin"), "f.bin: found class 10 in record 1, expected 0 to 9");
  file.pop_back();
  CHECK_THROWS_WITH(tessera::count_cifar10_records(file, "f.bin"), "f.bin: found 6145 bytes, expected records of 3073 bytes");
  CHECK_THROWS_AS(tessera::count_cifar10_records({}, "f.bin"), tessera::Error);
  CHECK_THROWS_AS(tessera::cifar10_image(file), tessera::Error);
}
