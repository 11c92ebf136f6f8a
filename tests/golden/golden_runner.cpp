// SPDX-License-Identifier: MIT
//
// golden_runner DIR [--family F] [--filter TEXT]
//
// Runs every case of a directory in the golden format: DIR/index.json lists networks with their sizes, weights (files, or the
// fill rule), inputs and the truth about every intermediate result, and preprocessing cases. One line a case: name, worst error
// against its tolerance, where that was, and pass, FAIL or skipped. The exit status is 1 if anything failed.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "comparison.hpp"
#include "compile.hpp"
#include "expression.hpp"
#include "network.hpp"
#include "tessera/core/buffer.hpp"
#include "tessera/io/read_tensors.hpp"
#include "tessera/io/self_test.hpp"
#include "tessera/vision/preprocess.hpp"

namespace fs = std::filesystem;
using tessera::detail::concat;
using tessera::detail::fail;

namespace golden {

std::map<std::string, Network>& networks() {
  static std::map<std::string, Network> known;
  return known;
}
bool register_network(const std::string& expression, Network network) { return networks().insert_or_assign(expression, network).second; }

namespace {

// |got - want| <= relative · max(1, largest output): the README of the golden files.
constexpr double relative_tolerance = 2e-5;

struct Totals {
  int passed = 0, failed = 0, skipped = 0;
};

void check_equal(const std::string& what, std::int64_t found, std::int64_t expected) {
  if (found != expected) fail(what, ": found ", found, ", expected ", expected);
}

class Runner {
 public:
  Runner(fs::path directory, std::string family, std::string filter)
      : directory_(std::move(directory)), family_(std::move(family)), filter_(std::move(filter)) {
    std::ifstream in(directory_ / "index.json");
    if (!in) fail((directory_ / "index.json").string(), ": found no such file, expected the index of a golden directory");
    index_ = Json::parse(in);
    seed_ = std::stoull(index_.value("global_seed", "0"), nullptr, 0);
  }

  void list() const {
    for (const Expression& expression : expressions()) std::printf("%s|%s\n", expression.header.c_str(), expression.type.c_str());
  }

  Totals run() {
    std::vector<Expression> unknown;
    for (const Expression& expression : expressions())
      if (networks().count(expression.type) == 0) unknown.push_back(expression);
    if (!unknown.empty()) {
      std::fprintf(stderr, "compiling %zu networks of other sizes than those built in\n", unknown.size());
      complaints_ = compile_networks(unknown);
    }
    for (const Json& entry : index_.value("tiny", Json::array())) tiny(entry);
    for (const Json& entry : index_.value("cases", Json::array())) full(entry);
    if (wanted("preprocess")) {
      for (const Json& entry : index_.value("preprocess", Json::array())) {
        const std::string name = "preprocess/" + entry.at("name").get<std::string>();
        report(name, 0, [&] { return preprocessing(entry); });
      }
    }
    std::printf("%d passed, %d failed, %d skipped\n", totals_.passed, totals_.failed, totals_.skipped);
    return totals_;
  }

 private:
  bool wanted(const std::string& family) const { return family_.empty() || family == family_; }

  // The networks of the cases that are asked for, each once.
  std::vector<Expression> expressions() const {
    std::vector<Expression> list;
    std::set<std::string> seen;
    const auto add = [&](const Json& entry) {
      try {
        const auto expression = expression_of(entry);
        if (expression && seen.insert(expression->type).second) list.push_back(*expression);
      } catch (const std::exception&) {
        // The case itself reports it.
      }
    };
    for (const char* const group : {"tiny", "cases"})
      for (const Json& entry : index_.value(group, Json::array())) {
        const std::string name = entry.at("name");
        if (!wanted(entry.at("family"))) continue;
        if (name.find(filter_) != std::string::npos) add(entry);
        const Json extras = entry.value("extra_files", Json::object());
        if (extras.contains("pth_mmdet") && (name + ":pth_mmdet").find(filter_) != std::string::npos) add(without_classifier(entry));
      }
    return list;
  }

  const Network& network_for(const Expression& expression) const {
    const auto complaint = complaints_.find(expression.type);
    if (complaint != complaints_.end()) fail(complaint->second);
    return networks().at(expression.type);
  }

  // Runs one case and prints its line. check returns the worst error, or throws what is wrong.
  template <class Check>
  void report(const std::string& name, double tolerance, const Check& check) {
    if (name.find(filter_) == std::string::npos) return;
    try {
      const Worst worst = check();
      const bool pass = worst.error <= tolerance;
      ++(pass ? totals_.passed : totals_.failed);
      std::printf("%-44s %9.2e / %8.2e  %-34s %s\n", name.c_str(), worst.error, tolerance, worst.where.c_str(), pass ? "pass" : "FAIL");
    } catch (const std::exception& error) {
      ++totals_.failed;
      std::printf("%-44s %s FAIL\n", name.c_str(), error.what());
    }
    std::fflush(stdout);
  }
  void skip(const std::string& name, const std::string& why) {
    if (name.find(filter_) == std::string::npos) return;
    ++totals_.skipped;
    std::printf("%-44s %s: skipped\n", name.c_str(), why.c_str());
  }

  // Calls run(expression, tolerance) if the entry is asked for and its family known.
  template <class Run>
  void with_network(const Json& entry, const Run& run) {
    if (!wanted(entry.at("family"))) return;
    std::optional<Expression> expression;
    try {
      expression = expression_of(entry);
    } catch (const std::exception& error) {
      return report(entry.at("name"), 0, [&]() -> Worst { fail(error.what()); });
    }
    if (expression) {
      run(*expression, relative_tolerance * std::max(1.0, entry.at("output_abs_max").get<double>()));
    } else {
      skip(entry.at("name"), "unknown family " + entry.at("family").get<std::string>());
    }
  }

  void full(const Json& entry) {
    with_network(entry, [&](const Expression& expression, double tolerance) {
      report(entry.at("name"), tolerance, [&] {
        const Truth truth(tessera::read_tensors(directory_ / entry.at("file").get<std::string>()));
        const std::vector<std::int64_t> extents = entry.at("input_shape");
        tessera::Buffer input(static_cast<std::size_t>(extents.at(0) * extents.at(1) * extents.at(2) * extents.at(3)));
        const tessera::FillBounds bounds = tessera::fill_bounds("input", extents);
        tessera::fill("input", seed_, bounds.lo, bounds.hi, input.span());
        return compare(entry, expression, filled_weights(entry), input.span(), truth);
      });
    });
  }

  void tiny(const Json& entry) {
    const std::string name = entry.at("name");
    with_network(entry, [&](const Expression& expression, double tolerance) {
      const auto from = [&](const std::string& weights_file, const Truth& truth, const Truth& io) {
        const tessera::TensorFile weights = tessera::read_tensors(directory_ / weights_file);
        return compare(entry, expression, weights, io.all("input"), truth);
      };
      const auto io_file = [&] { return Truth(tessera::read_tensors(directory_ / entry.at("io_file").get<std::string>())); };
      report(name, tolerance, [&] {
        const Truth io = io_file();
        return from(entry.at("weights_file"), io, io);
      });
      const Json extras = entry.value("extra_files", Json::object());
      for (const auto& [kind, file] : extras.items()) {
        if (kind.starts_with("logits")) continue;
        if (kind == "pth_mmdet") {
          report(name + ":" + kind, tolerance, [&] { return detection_backbone(entry, file); });
          continue;
        }
        report(name + ":" + kind, tolerance, [&] {
          const Truth io = io_file();
          const std::string logits = kind.starts_with("weights_") ? "logits_" + kind.substr(8) : "";
          if (!extras.contains(logits)) return from(file, io, io);
          return from(file, Truth(tessera::read_tensors(directory_ / extras.at(logits).get<std::string>())), io);
        });
      }
    });
  }

  // The same network as the backbone of a detector.
  static Json without_classifier(const Json& entry) {
    Json backbone = entry;
    backbone["config"]["backbone"] = true;
    backbone["num_classes"] = 0;
    Json taps = Json::array();
    for (const Json& tap : entry.at("taps"))
      if (tap.at(0) != "norm") taps.push_back(tap);
    backbone["taps"] = taps;
    for (const char* const count : {"param_count", "macs_per_image"}) backbone.erase(count);
    return backbone;
  }
  Worst detection_backbone(const Json& entry, const std::string& file) const {
    const Json backbone = without_classifier(entry);
    const Truth io(tessera::read_tensors(directory_ / entry.at("io_file").get<std::string>()));
    return compare(backbone, *expression_of(backbone), tessera::read_tensors(directory_ / file), io.all("input"), io);
  }

  // A checkpoint in memory, made by the fill rule.
  tessera::TensorFile filled_weights(const Json& entry) const {
    tessera::TensorFile file{entry.at("name").get<std::string>() + " (fill rule)", "fill rule", {}, {}, {}};
    std::map<std::string, tessera::TensorEntry> by_key;
    const Json aliases = entry.value("aliases", Json::object());
    for (const Json& parameter : entry.at("params")) {
      const std::string key = parameter.at(0), dtype = parameter.at(2);
      const tessera::Extents extents = parameter.at(1);
      if (dtype != "F32") continue;  // counters
      if (aliases.contains(key)) continue;
      tessera::TensorEntry tensor{key, tessera::DType::f32, extents, tessera::detail::dense_strides(extents), {}};
      const auto numbers = std::make_shared<tessera::Buffer>(static_cast<std::size_t>(tensor.size()));
      const tessera::FillBounds bounds = tessera::fill_bounds(key, extents);
      tessera::fill(key, seed_, bounds.lo, bounds.hi, numbers->span());
      tensor.bytes = std::as_bytes(numbers->span());
      file.storage.push_back(numbers);
      file.tensors.push_back(tensor);
      by_key[key] = tensor;
    }
    for (const auto& [key, target] : aliases.items()) {
      tessera::TensorEntry alias = by_key.at(target);
      alias.name = key;
      file.tensors.push_back(alias);
    }
    return file;
  }

  Worst compare(const Json& entry, const Expression& expression, const tessera::TensorFile& weights, std::span<const float> input,
                const Truth& truth) const {
    const Network& network = network_for(expression);
    if (entry.contains("param_count")) check_equal("parameters", network.facts.parameters, entry.at("param_count"));
    if (entry.contains("macs_per_image")) check_equal("macs", network.facts.macs, entry.at("macs_per_image"));
    const bool backbone = entry.at("config").value("backbone", false);
    std::set<std::string> wanted;
    for (const std::string name : {"logits", "features"})
      if (!backbone && truth.has(name)) wanted.insert(name);
    for (const Json& tap : entry.at("taps"))
      if (const std::string name = tap.at(0); truth.has("tap/" + name) || truth.has(name + "/mean")) wanted.insert(name);
    std::multimap<std::string, std::string> aliases;
    if (backbone) aliases = {{"tokenizer", "F1"}, {"conv_stages", "F2"}, {"stages.0", "F3"}, {"stages.2", "F4"}};
    for (const auto& [shown, alias] : aliases)
      if (truth.has(alias) || truth.has(alias + "/mean")) wanted.insert(alias);
    if (wanted.empty()) fail("found nothing to compare with in the golden file");

    Comparison comparison(truth, wanted, aliases);
    network.run({weights, backbone, input, entry.at("input_shape").at(0), comparison});
    if (const std::string missing = comparison.missing(); !missing.empty()) fail("the network does not show ", missing);
    return comparison.worst();
  }

  Worst preprocessing(const Json& entry) const {
    const tessera::TensorFile file = tessera::read_tensors(directory_ / entry.at("file").get<std::string>());
    const auto bytes = [&](const char* name) {
      const tessera::TensorEntry* const tensor = file.find(name);
      if (tensor == nullptr) fail("found no tensor ", name, " in the golden file");
      return std::pair(std::span(reinterpret_cast<const std::uint8_t*>(tensor->bytes.data()), tensor->bytes.size()), tensor->extents);
    };
    const auto [pixels, extents] = bytes("image");
    const tessera::Image image(pixels, static_cast<int>(extents.at(0)), static_cast<int>(extents.at(1)));
    tessera::Preprocessing how;
    const std::map<std::string, tessera::Filter> filters{{"box", tessera::Filter::box},
                                                         {"bilinear", tessera::Filter::bilinear},
                                                         {"bicubic", tessera::Filter::bicubic},
                                                         {"lanczos", tessera::Filter::lanczos}};
    how.filter = filters.at(entry.at("interpolation"));
    how.crop = entry.at("crop_pct");
    how.mean = entry.at("mean");
    how.deviation = entry.at("std");
    const int side = entry.at("size");

    Worst worst;
    const auto same = [&](const tessera::Image& got, const char* name) {
      const auto [want, size] = bytes(name);
      check_equal(concat(name, " height"), got.height(), size.at(0));
      check_equal(concat(name, " width"), got.width(), size.at(1));
      for (std::size_t i = 0; i < want.size(); ++i) worst.add(std::abs(int{got.data()[i]} - int{want[i]}), name);
    };
    const tessera::Image resized = tessera::resize_shorter_side(image, entry.at("scale_size"), how.filter);
    same(resized, "resized");
    same(tessera::center_crop(resized, side, side), "cropped");
    const auto tensor = tessera::preprocess(image, how, side);
    const Truth truth(file);
    const std::vector<float>& want = truth.all("tensor");
    const auto n = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t p = 0; p < n; ++p) worst.add(std::abs(double{tensor[p * 3 + c]} - want.at(c * n + p)), "tensor");
    return worst;
  }

  fs::path directory_;
  std::string family_, filter_;
  Json index_;
  std::uint64_t seed_ = 0;
  Totals totals_;
  std::map<std::string, std::string> complaints_;
};

}  // namespace
}  // namespace golden

int main(int argc, char** argv) {
  CLI::App app("Runs every case of a golden directory");
  std::string directory, family, filter;
  app.add_option("DIR", directory, "directory with an index.json")->required();
  app.add_option("--family", family, "only this family (or \"preprocess\")");
  app.add_option("--filter", filter, "only cases whose name contains this text");
  bool list = false;
  app.add_flag("--list", list, "print HEADER|TYPE of every network of the directory, and run nothing");
  CLI11_PARSE(app, argc, argv);
  try {
    if (list) {
      golden::Runner(directory, family, filter).list();
      return 0;
    }
    return golden::Runner(directory, family, filter).run().failed == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
