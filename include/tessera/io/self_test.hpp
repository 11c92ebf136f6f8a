// SPDX-License-Identifier: MIT
#pragma once

// Numbers that anyone can make from a name and a seed, and the self-test that a checkpoint may carry in its metadata.
//
// The fill rule: element i of a tensor is output i of the SplitMix64 generator that starts at FNV-1a-64(name) xor seed; its
// top 24 bits u give lo + (hi - lo)·u/2^24, computed in double and rounded once. tests/io/self_test_test.cpp has test vectors.
//
// Metadata, all optional:
//   self_test  {"seed": "0x000000005eed0001", "images": 3, "logits": [[...], [...], [...]], "tolerance": 1e-4}
//              the logits of the network for the images [images, 3, H, W] filled as "input" between -2 and 2, channels first
//   labels     ["cat", "dog", ...], one for each class
//   model      the name of the network

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

// Elements first, first + 1, ... of the tensor.
inline void fill(std::string_view name, std::uint64_t seed, float lo, float hi, std::span<float> out, std::uint64_t first = 0) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  constexpr std::uint64_t step = 0x9e3779b97f4a7c15;
  std::uint64_t state = (hash ^ seed) + first * step;
  for (float& value : out) {
    state += step;
    std::uint64_t z = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    value = static_cast<float>(lo + (double{hi} - lo) * (static_cast<double>(z >> 40) * 0x1p-24));
  }
}

struct FillBounds {
  float lo, hi;
};

// The bounds that keep a random network's activations of order one, by the name and extents of a weight.
inline FillBounds fill_bounds(std::string_view key, std::span<const std::int64_t> extents) {
  const std::string_view leaf = key.substr(key.rfind('.') + 1);  // npos + 1 is 0
  const auto is = [leaf](auto... names) { return ((leaf == names) || ...); };
  if (key == "input") return {-2, 2};
  if (is("num_batches_tracked")) return {1000, 1000};
  if (is("running_mean")) return {-0.125F, 0.125F};
  if (is("running_var")) return {0.5F, 1.5F};
  if (is("gamma_1", "gamma_2", "ls1", "ls2")) return {0.125F, 0.25F};
  if (is("alpha")) return {0.75F, 1.25F};
  if (is("beta", "bias")) return {-0.125F, 0.125F};
  if (is("weight") && extents.size() == 1) return {0.75F, 1.25F};
  if (is("weight") && extents.size() >= 2) {
    std::int64_t fan_in = 1;
    for (const std::int64_t extent : extents.subspan(1)) fan_in *= extent;
    const double scale = key.find("cpe_net") != std::string_view::npos ? 0.25 : 1;
    const auto bound = static_cast<float>(scale * std::sqrt(3 / static_cast<double>(fan_in)));
    return {-bound, bound};
  }
  detail::fail(detail::quote(key), " ", detail::print_extents(extents), ": found no rule for its values");
}

struct SelfTest {
  std::uint64_t seed = 0;
  int images = 0;
  std::vector<std::vector<float>> logits;  // one row an image
  float tolerance = 0;
};

namespace detail {

// A JSON document from a file's metadata, at most `depth` levels deep.
inline nlohmann::json parse_metadata(const std::string& text, const std::string& place, int depth) {
  const auto shallow = [&](int level, nlohmann::json::parse_event_t, nlohmann::json&) {
    if (level > depth) fail(place, ": found JSON of more than ", depth, " levels");
    return true;
  };
  try {
    return nlohmann::json::parse(text.data(), text.data() + text.size(), shallow);
  } catch (const nlohmann::json::exception& error) {
    fail(place, ": found malformed JSON: ", printable(error.what(), 240));
  }
}

// A text or whole number, or the type of anything else: the library's own dump() costs half a second of every compilation.
inline std::string print_json(const nlohmann::json& value) {
  if (value.is_string()) return quote(value.get_ref<const std::string&>());
  return value.is_number_integer() ? std::to_string(value.get<std::int64_t>()) : std::string("of type ") + value.type_name();
}

}  // namespace detail

// Nothing if the file carries no self-test.
inline std::optional<SelfTest> read_self_test(const TensorFile& file) {
  const auto entry = file.metadata.find("self_test");
  if (entry == file.metadata.end()) return std::nullopt;
  const std::string place = file.path + ": metadata, self_test";
  const nlohmann::json json = detail::parse_metadata(entry->second, place, 3);
  const auto field = [&](const char* name) -> const nlohmann::json& {
    if (!json.is_object() || !json.contains(name))
      detail::fail(place, ": found no ", name, ", expected seed, images, logits and tolerance");
    return json[name];
  };
  SelfTest test;

  const nlohmann::json& seed = field("seed");
  const std::string digits = seed.is_string() && seed.get<std::string>().starts_with("0x") ? seed.get<std::string>().substr(2) : "";
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), test.seed, 16);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
    detail::fail(place, ", seed: found ", detail::print_json(seed), ", expected text such as \"0x000000005eed0001\"");

  const nlohmann::json& logits = field("logits");
  if (!logits.is_array()) detail::fail(place, ", logits: expected a list of lists of numbers");
  for (const nlohmann::json& row : logits) {
    if (!row.is_array() || row.size() != logits[0].size()) detail::fail(place, ", logits: expected lists of one length");
    std::vector<float>& values = test.logits.emplace_back();
    for (const nlohmann::json& value : row) {
      if (!value.is_number()) detail::fail(place, ", logits: found ", detail::print_json(value), ", expected a number");
      values.push_back(value.get<float>());
    }
  }

  const nlohmann::json& images = field("images");
  if (!images.is_number_integer() || images.get<std::int64_t>() != std::int64_t(test.logits.size()) || test.logits.empty() ||
      test.logits.size() > 1000)
    detail::fail(place, ", images: found ", detail::print_json(images), ", expected the number of rows of logits (", test.logits.size(),
                 "), 1 to 1000");
  test.images = static_cast<int>(test.logits.size());

  const nlohmann::json& tolerance = field("tolerance");
  test.tolerance = tolerance.is_number() ? tolerance.get<float>() : -1;
  if (!(test.tolerance > 0)) detail::fail(place, ", tolerance: found ", detail::print_json(tolerance), ", expected a positive number");
  return test;
}

// The text of the entry: what read_self_test reads, every float with as many digits as it takes to be read back the same.
inline std::string write_self_test(const SelfTest& test) {
  const auto number = [](auto value, auto... base) {
    char digits[32];
    return std::string(digits, std::to_chars(digits, digits + sizeof digits, value, base...).ptr);
  };
  std::string rows;
  for (const std::vector<float>& row : test.logits) {
    std::string values;
    for (const float value : row) {
      if (!std::isfinite(value)) detail::fail("self-test: found ", value, " among the logits, expected finite numbers");
      values += (values.empty() ? "" : ", ") + number(value);
    }
    rows += (rows.empty() ? "[" : ", [") + values + ']';
  }
  return "{\"seed\": \"0x" + number(test.seed, 16) + "\", \"images\": " + number(test.images) + ", \"logits\": [" + rows +
         "], \"tolerance\": " + number(test.tolerance) + '}';
}

// Empty if the file carries no labels.
inline std::vector<std::string> read_labels(const TensorFile& file) {
  const auto entry = file.metadata.find("labels");
  if (entry == file.metadata.end()) return {};
  const std::string place = file.path + ": metadata, labels";
  const nlohmann::json json = detail::parse_metadata(entry->second, place, 1);
  if (!json.is_array()) detail::fail(place, ": expected a list of texts");
  std::vector<std::string> labels;
  for (const nlohmann::json& label : json) {
    if (!label.is_string()) detail::fail(place, ": found ", detail::print_json(label), ", expected a text");
    labels.push_back(label.get<std::string>());
  }
  return labels;
}

// Empty if the file does not say.
inline std::string read_model_name(const TensorFile& file) {
  const auto entry = file.metadata.find("model");
  return entry == file.metadata.end() ? "" : entry->second;
}

}  // namespace tessera
