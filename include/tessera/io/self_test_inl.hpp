// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "tessera/core/error.hpp"
#include "tessera/core/json.hpp"
#include "tessera/io/self_test.hpp"

namespace tessera {

namespace detail {

// By the bits, so that it holds with -ffast-math too.
TESSERA_COLD_INLINE bool has_finite_bits(float value) { return (std::bit_cast<std::uint32_t>(value) & 0x7f800000U) != 0x7f800000U; }

TESSERA_COLD_INLINE std::uint64_t read_seed(const Json& seed, const std::string& place) {
  const std::string digits = seed.text().starts_with("0x") ? seed.text().substr(2) : "";
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
    fail(ErrorKind::damaged, place, ", seed: found ", seed.describe(), ", expected text such as \"0x000000005eed0001\"");
  return value;
}

TESSERA_COLD_INLINE std::vector<std::vector<float>> read_logits(const Json& logits, const std::string& place) {
  if (!logits.is_array()) fail(ErrorKind::damaged, place, ", logits: found ", logits.describe(), ", expected a list of lists of numbers");
  std::vector<std::vector<float>> rows;
  for (const Json& row : logits.items()) {
    if (!row.is_array() || row.items().size() != logits.items()[0].items().size())
      fail(ErrorKind::damaged, place, ", logits: found ", row.describe(), ", expected lists of one length");
    std::vector<float>& values = rows.emplace_back();
    for (const Json& item : row.items()) {
      const auto number = item.number();
      values.push_back(number ? static_cast<float>(*number) : 0);
      if (!number || !has_finite_bits(values.back()))
        fail(ErrorKind::damaged, place, ", logits: found ", item.describe(), ", expected a number");
    }
  }
  return rows;
}

TESSERA_COLD_INLINE void fill_self_test_image(std::uint64_t seed, std::size_t index, Shape shape, std::span<float> image) {
  const auto pixels = static_cast<std::size_t>(shape.positions()), channels = static_cast<std::size_t>(shape.channels);
  std::vector<float> planes(pixels * channels);
  fill("input", seed, -2.0F, 2.0F, planes, index * planes.size());
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t p = 0; p < pixels; ++p) image[p * channels + c] = planes[c * pixels + p];
}

TESSERA_COLD_INLINE double check_self_test(const SelfTest& test, std::size_t image, std::span<const float> logits,
                                           const std::string& path) {
  const std::vector<float>& expected = test.logits[image];
  if (logits.size() != expected.size())
    fail(ErrorKind::does_not_fit, path, ": self-test: found ", expected.size(), " logits in the file, expected ", logits.size());
  double worst = 0;
  for (std::size_t k = 0; k < logits.size(); ++k) {
    const double difference = std::abs(static_cast<double>(logits[k]) - static_cast<double>(expected[k]));
    if (!has_finite_bits(logits[k]) || difference > static_cast<double>(test.tolerance))
      fail(ErrorKind::does_not_fit, path, ": self-test: image ", image, ", class ", k, ": found ", logits[k], ", expected ", expected[k],
           " ± ", test.tolerance);
    worst = difference > worst ? difference : worst;
  }
  return worst;
}

TESSERA_COLD_INLINE double check_int8_self_test(const SelfTest& test, std::size_t image, std::span<const float> logits,
                                                const std::string& path) {
  const std::vector<float>& expected = test.logits[image];
  if (logits.size() != expected.size())
    fail(ErrorKind::does_not_fit, path, ": self-test: found ", expected.size(), " logits in the file, expected ", logits.size());
  double error = 0, power = 0, worst = 0;
  bool finite = true;
  for (std::size_t k = 0; k < logits.size(); ++k) {
    const double difference = static_cast<double>(logits[k]) - static_cast<double>(expected[k]);
    finite = finite && has_finite_bits(logits[k]);
    error += difference * difference;
    power += static_cast<double>(expected[k]) * static_cast<double>(expected[k]);
    worst = std::max(worst, std::abs(difference));
  }
  if (!finite || error > SelfTest::most_int8_error * SelfTest::most_int8_error * power)
    fail(ErrorKind::does_not_fit, path, ": self-test with products of bytes: image ", image, ": found logits that differ by ",
         100 * std::sqrt(error / power), " % (root mean square), expected at most ", 100 * SelfTest::most_int8_error, " %");
  return worst;
}

template <class Number, class... Base>
void append_number(std::string& text, Number number, Base... base) {
  char digits[32];
  text.append(digits, std::to_chars(digits, digits + sizeof digits, number, base...).ptr);
}

}  // namespace detail

TESSERA_COLD_INLINE std::optional<SelfTest> read_self_test(const TensorFile& file) {
  using detail::Json;
  const std::string* const text = file.metadata.find("self_test");
  if (text == nullptr) return std::nullopt;
  const std::string place = file.path + ": metadata, self_test";
  const Json json = detail::parse_json(*text, place, {.levels = 4});
  const auto field = [&](const char* name) -> const Json& {
    const Json* const found = json.find(name);
    if (found == nullptr) detail::fail(ErrorKind::damaged, place, ": found no ", name, ", expected seed, images, logits and tolerance");
    return *found;
  };
  SelfTest test;
  test.seed = detail::read_seed(field("seed"), place);
  test.logits = detail::read_logits(field("logits"), place);

  const Json& images = field("images");
  constexpr std::size_t most_images = 1000;
  if (images.natural() != test.logits.size() || test.logits.empty() || test.logits.size() > most_images)
    detail::fail(ErrorKind::damaged, place, ", images: found ", images.describe(), ", expected the number of rows of logits (",
                 test.logits.size(), "), 1 to 1000");
  test.images = static_cast<int>(test.logits.size());

  const Json& tolerance = field("tolerance");
  test.tolerance = static_cast<float>(tolerance.number().value_or(-1));
  if (!detail::has_finite_bits(test.tolerance) || !(test.tolerance > 0))
    detail::fail(ErrorKind::damaged, place, ", tolerance: found ", tolerance.describe(), ", expected a positive number");
  return test;
}

TESSERA_COLD_INLINE std::string write_self_test(const SelfTest& test) {
  using detail::append_number;
  std::string text = "{\"seed\": \"0x";
  append_number(text, test.seed, 16);
  text += "\", \"images\": ";
  append_number(text, test.images);
  text += ", \"logits\": [";
  bool first_row = true;
  for (const std::vector<float>& row : test.logits) {
    text += first_row ? "[" : ", [";
    first_row = false;
    for (std::size_t k = 0; k < row.size(); ++k) {
      if (!detail::has_finite_bits(row[k])) detail::fail("self-test: found ", row[k], " among the logits, expected finite numbers");
      if (k != 0) text += ", ";
      append_number(text, row[k]);
    }
    text += ']';
  }
  text += "], \"tolerance\": ";
  append_number(text, test.tolerance);
  return text + '}';
}

}  // namespace tessera
