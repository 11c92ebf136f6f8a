// SPDX-License-Identifier: MIT
//
// The tables of docs/checkpoints.md are what any/networks.hpp says.

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "tessera/any/networks.hpp"
#include "tessera/layers/kind.hpp"

using namespace tessera;

namespace {

template <class... Numbers>
std::string format(const char* how, Numbers... numbers) {
  char text[160];
  std::snprintf(text, sizeof(text), how, numbers...);
  return text;
}

std::string statistics(const Preprocessing& how) {
  if (how.mean == imagenet_preprocessing.mean && how.deviation == imagenet_preprocessing.deviation) return "ImageNet";
  if (how.mean == mixer_preprocessing.mean && how.deviation == mixer_preprocessing.deviation) return "half";
  if (how.mean == mixer_miil_preprocessing.mean && how.deviation == mixer_miil_preprocessing.deviation) return "none";
  const auto number = [](float value) { return format("%.4f", static_cast<double>(value)); };
  std::string text;
  for (const auto& values : {how.mean, how.deviation})
    text += (text.empty() ? "" : " / ") + number(values[0]) + ' ' + number(values[1]) + ' ' + number(values[2]);
  return text;
}

std::string preprocessing(const Preprocessing& how, Shape input) {
  if (how.fit == Fit::squash) return "squashed, " + statistics(how);
  const char* const filter = how.filter == Filter::bilinear ? "bilinear" : how.filter == Filter::bicubic ? "bicubic" : "another filter";
  return format("%d %s, ", static_cast<int>(input.width / how.crop + 1e-9), filter) + statistics(how);
}

template <class C>
std::string row() {
  const auto code = [](std::string_view text) { return '`' + std::string(text) + '`'; };
  return "| " + (C::checkpoint.file.empty() ? "(timm)" : code(C::checkpoint.file)) + " | " + code(C::name) + " | " +
         code(detail::kind_of<C>()) + " | " + std::to_string(C::output.channels) + " | " + preprocessing(C::preprocessing, C::input) +
         " | " + (C::checkpoint.top1 > 0 ? format("%g", C::checkpoint.top1) : "–") + " |";
}
template <class... C>
std::vector<std::string> rows_of(Networks<C...>) {
  return {row<C>()...};
}

}  // namespace

TEST_CASE("The tables in docs/checkpoints.md have the published checkpoints of the table of networks", "[any]") {
  std::ifstream page(TESSERA_DOCS "/checkpoints.md");
  REQUIRE(page);
  std::vector<std::string> found;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) inside = line == "## Published files";
    if (inside && (line.starts_with("| `") || line.starts_with("| ("))) found.push_back(line);
  }
  const std::vector<std::string> expected = rows_of(PublishedCheckpoints{});
  CHECK(found.size() == expected.size());
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) CHECK(found[i] == expected[i]);
}
