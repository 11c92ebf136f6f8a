// SPDX-License-Identifier: MIT
#pragma once

// Compares what a network shows with what a golden file has, and remembers the worst.

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "network.hpp"
#include "tessera/core/error.hpp"

namespace golden {

struct Worst {
  double error = 0;
  std::string where = "-";

  void add(double difference, const std::string& name) {
    if (std::isnan(difference)) difference = INFINITY;
    if (difference > error || where == "-") *this = {difference, name};
  }
};

// The tensors of one golden file as floats.
class Truth {
 public:
  explicit Truth(const tessera::TensorFile& file) {
    for (const tessera::TensorEntry& tensor : file.tensors) {
      if (!tessera::is_floating(tensor.dtype)) continue;
      auto& values = tensors_[tensor.name];
      values.resize(static_cast<std::size_t>(tensor.size()));
      tessera::to_float(tensor, values);
      extents_[tensor.name] = tensor.extents;
    }
  }
  bool has(const std::string& name) const { return tensors_.count(name) != 0; }
  // The numbers of one image, whose count must be n.
  std::span<const float> image(const std::string& name, int image, std::size_t n) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) tessera::detail::fail("found no tensor ", name, " in the golden file");
    const auto images = static_cast<std::size_t>(extents_.at(name).at(0));
    if (found->second.size() != images * n)
      tessera::detail::fail(name, ": found ", found->second.size() / images, " numbers an image in the golden file, the network gives ", n);
    return std::span(found->second).subspan(static_cast<std::size_t>(image) * n, n);
  }
  const std::vector<float>& all(const std::string& name) const { return tensors_.at(name); }

 private:
  std::map<std::string, std::vector<float>> tensors_;
  std::map<std::string, std::vector<std::int64_t>> extents_;
};

// Full tensors ("tap/NAME", or NAME itself), or the statistics and samples of golden/README.md ("NAME/mean" ...).
class Comparison : public Sink {
 public:
  // aliases: other names under which an intermediate result is wanted (F1 for tokenizer).
  Comparison(const Truth& truth, std::set<std::string> wanted, std::multimap<std::string, std::string> aliases)
      : truth_(truth), wanted_(std::move(wanted)), aliases_(std::move(aliases)) {}

  void see(int image, std::string_view seen, tessera::Shape shape, const float* values) override {
    const std::string name(seen);
    compare(image, name, shape, values);
    const auto [begin, end] = aliases_.equal_range(name);
    for (auto alias = begin; alias != end; ++alias) compare(image, alias->second, shape, values);
  }

  // Wanted names that the network did not show.
  std::string missing() const {
    std::string list;
    for (const std::string& name : wanted_)
      if (compared_.count(name) == 0) list += (list.empty() ? "" : ", ") + name;
    return list;
  }
  const Worst& worst() const { return worst_; }

 private:
  void compare(int image, const std::string& name, tessera::Shape shape, const float* values) {
    if (wanted_.count(name) == 0) return;
    compared_.insert(name);
    const auto n = static_cast<std::size_t>(shape.size());
    const std::span<const float> got(values, n);
    if (truth_.has("tap/" + name)) return equal(name, got, truth_.image("tap/" + name, image, n));
    if (truth_.has(name)) return equal(name, got, truth_.image(name, image, n));
    summary(image, name, got);
  }
  void equal(const std::string& name, std::span<const float> got, std::span<const float> want) {
    for (std::size_t i = 0; i < got.size(); ++i) worst_.add(std::abs(double{got[i]} - want[i]), name);
  }
  void summary(int image, const std::string& name, std::span<const float> got) {
    double sum = 0, squares = 0;
    for (const float v : got) sum += v;
    const double mean = sum / static_cast<double>(got.size());
    for (const float v : got) squares += (v - mean) * (v - mean);
    worst_.add(std::abs(mean - truth_.image(name + "/mean", image, 1)[0]), name + "/mean");
    worst_.add(std::abs(std::sqrt(squares / static_cast<double>(got.size())) - truth_.image(name + "/std", image, 1)[0]), name + "/std");
    constexpr std::size_t samples = 64;
    const auto first = truth_.image(name + "/first", image, samples);
    const auto last = truth_.image(name + "/last", image, samples);
    const auto probe = truth_.image(name + "/probe", image, samples);
    for (std::size_t j = 0; j < samples; ++j) {
      worst_.add(std::abs(double{got[j]} - first[j]), name + "/first");
      worst_.add(std::abs(double{got[got.size() - samples + j]} - last[j]), name + "/last");
      worst_.add(std::abs(double{got[(2 * j + 1) * got.size() / (2 * samples)]} - probe[j]), name + "/probe");
    }
  }

  const Truth& truth_;
  std::set<std::string> wanted_, compared_;
  std::multimap<std::string, std::string> aliases_;
  Worst worst_;
};

}  // namespace golden
