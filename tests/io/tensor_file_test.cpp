// SPDX-License-Identifier: MIT

#include "tessera/io/tensor_file.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include "../catch.hpp"
#include "files.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

// Keeps the bytes beside the entry, one byte off any alignment.
struct Unaligned {
  Unaligned(DType type, Extents extents, std::string_view data, Extents strides = {}) : bytes(" " + std::string(data)) {
    if (strides.empty()) strides = detail::dense_strides(extents);
    entry = {"t", type, std::move(extents), std::move(strides), {reinterpret_cast<const std::byte*>(bytes.data()) + 1, data.size()}};
  }
  std::string bytes;
  TensorEntry entry;
};

std::vector<float> values(DType type, const std::string& data) {
  return floats(Unaligned(type, {static_cast<std::int64_t>(data.size() / size_of(type))}, data).entry);
}

}  // namespace

TEST_CASE("Every element type converts to the nearest float32", "[io]") {
  constexpr double tie = 1 + 0x1p-24;  // half-way between two floats: the even one
  CHECK(values(DType::f64, raw({0.1, -1e300, tie, 1e-50})) == std::vector{0.1F, -HUGE_VALF, 1.0F, 0.0F});
  CHECK(values(DType::f32, raw({1.5F, -0.25F})) == std::vector{1.5F, -0.25F});
  CHECK(values(DType::i64, raw<std::int64_t>({-3, 16'777'217, INT64_MAX})) == std::vector{-3.0F, 16'777'216.0F, 0x1p63F});
  CHECK(values(DType::i32, raw<std::int32_t>({INT32_MIN, 16'777'219})) == std::vector{-0x1p31F, 16'777'220.0F});
  CHECK(values(DType::i16, raw<std::int16_t>({-32768, 7})) == std::vector{-32768.0F, 7.0F});
  CHECK(values(DType::i8, raw<std::int8_t>({-128, 127})) == std::vector{-128.0F, 127.0F});
  CHECK(values(DType::u8, raw<std::uint8_t>({0, 255})) == std::vector{0.0F, 255.0F});
  CHECK(values(DType::boolean, raw<std::uint8_t>({0, 1, 2})) == std::vector{0.0F, 1.0F, 1.0F});
  CHECK(values(DType::bf16, raw<std::uint16_t>({0x3fc0, 0xff80, 0x0001})) == std::vector{1.5F, -HUGE_VALF, 0x1p-133F});
}

TEST_CASE("All 65536 halves equal their definition", "[io]") {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
    double magnitude = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    if (exponent == 31) magnitude = fraction == 0 ? HUGE_VAL : std::numeric_limits<double>::quiet_NaN();
    const double expected = bits >> 15 ? -magnitude : magnitude;
    const double got = detail::half_to_float(half);
    if (std::isnan(expected) ? !std::isnan(got) : got != expected || std::signbit(got) != (bits >> 15 != 0)) FAIL(bits);
  }
}

TEST_CASE("Strides are followed in row-major order", "[io]") {
  std::vector<float> sequence(24);
  std::iota(sequence.begin(), sequence.end(), 0.0F);
  const std::string_view bytes(reinterpret_cast<const char*>(sequence.data()), 96);

  const Unaligned transposed(DType::f32, {3, 2}, bytes, {1, 3});
  CHECK_FALSE(transposed.entry.contiguous());
  CHECK(floats(transposed.entry) == std::vector<float>{0, 3, 1, 4, 2, 5});

  CHECK(floats(Unaligned(DType::f32, {2, 2, 2}, bytes, {12, 1, 4}).entry) == std::vector<float>{0, 4, 1, 5, 12, 16, 13, 17});
  CHECK(floats(Unaligned(DType::f32, {2, 3}, bytes, {0, 1}).entry) == std::vector<float>{0, 1, 2, 0, 1, 2});
  CHECK(floats(Unaligned(DType::f32, {3}, bytes, {7}).entry) == std::vector<float>{0, 7, 14});
  CHECK(floats(Unaligned(DType::f32, {}, bytes.substr(0, 4)).entry) == std::vector<float>{0});
  CHECK(floats(Unaligned(DType::f32, {2, 0, 3}, "").entry).empty());
}

TEST_CASE("A tensor is contiguous when only extents of one have odd strides", "[io]") {
  const auto contiguous = [](Extents extents, Extents strides) { return TensorEntry{"", DType::f32, extents, strides, {}}.contiguous(); };
  CHECK(contiguous({2, 3}, {3, 1}));
  CHECK(contiguous({2, 1, 3}, {3, 99, 1}));
  CHECK(contiguous({}, {}));
  CHECK(contiguous({4, 0}, {7, 7}));
  CHECK(contiguous({0, 4}, {7, 7}));
  CHECK_FALSE(contiguous({2, 3}, {1, 2}));
  CHECK_FALSE(contiguous({2, 3}, {4, 1}));
  CHECK_FALSE(contiguous({2}, {0}));
}

TEST_CASE("Conversion wants room for exactly the tensor", "[io]") {
  std::vector<float> room(3);
  CHECK(contains(error_of([&] { to_float(Unaligned(DType::u8, {2}, "ab").entry, room); }), "found room for 3 numbers, expected 2"));
}

TEST_CASE("Sizes that do not fit are noticed", "[io]") {
  const std::int64_t large = std::int64_t{1} << 40;
  CHECK(detail::checked_bytes(Extents{3, 5}, DType::f32) == 60);
  CHECK(detail::checked_bytes(Extents{}, DType::f64) == 8);
  CHECK(detail::checked_bytes(Extents{0, large}, DType::f64) == 0);
  CHECK_FALSE(detail::checked_bytes(Extents{large, large}, DType::u8));
  CHECK_FALSE(detail::checked_bytes(Extents{large, large, 0}, DType::u8));
  CHECK_FALSE(detail::checked_bytes(Extents{-1}, DType::u8));
}

TEST_CASE("Names from a file are fit to print", "[io]") {
  CHECK(detail::quote("a\n\x1b[31m") == "\"a\\x0a\\x1b[31m\"");
  CHECK(detail::printable(std::string(1000, 'x')).size() == 163);
}

TEST_CASE("A tensor is found by its name", "[io]") {
  const TensorFile file{"f", "test", {{"a", DType::f32, {}, {}, {}}, {"b", DType::u8, {}, {}, {}}}, {}, {}};
  REQUIRE(file.find("b") == &file.tensors[1]);
  REQUIRE(file.find("c") == nullptr);
}
