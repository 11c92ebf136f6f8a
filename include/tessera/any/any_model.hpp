// SPDX-License-Identifier: MIT
#pragma once

// AnyModel: a network that was chosen while the program runs, with its weights. load_any (tessera/load_any.hpp) makes it.
//
//     const auto model = tessera::load_any("weights.pth");
//     for (const auto& p : tessera::top_k(model->scores(tessera::read_image("cat.jpg")), model->labels(), 5)) ...
//
// It never changes after it is made, and any number of threads may use it at the same time.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/any/instruction_set.hpp"
#include "tessera/any/network_info.hpp"
#include "tessera/core/batch.hpp"
#include "tessera/core/compiled.hpp"
#include "tessera/core/observer.hpp"
#include "tessera/core/precision.hpp"
#include "tessera/core/tensor.hpp"
#include "tessera/core/workers.hpp"
#include "tessera/engine/runnable.hpp"
#include "tessera/io/load_report.hpp"
#include "tessera/vision/image.hpp"

namespace tessera {

// Numbers whose shape is known at run time: an image that is prepared for a network, scores (1×1×classes), tokens, features.
using AnyTensor = Tensor<any_shape>;
using AnyBatch = Batch<any_shape>;

namespace detail {
struct OwnParameter;
}

class AnyModel {
 public:
  // What load_any found out.
  struct Facts {
    NetworkInfo network;
    std::string name;  // of the checkpoint if it is a published one that is known by name, else of the network
    int classes = 0;   // of the file; 0 for a backbone
    std::int64_t parameter_count = 0;
    std::int64_t macs = 0;
    Preprocessing preprocessing;
    // One for each class.
    std::vector<std::string> labels;
    // What was found in the file.
    LoadReport report;
    // For which the network was compiled.
    InstructionSet instruction_set = InstructionSet::baseline;
    // What its products multiply.
    Precision precision = Precision::float32;
    // The names of intermediate results.
    std::vector<std::string> (*intermediates)() = nullptr;
    std::string (*summary)(Shape image, int classes) = nullptr;
    std::vector<detail::OwnParameter> (*parameters)() = nullptr;  // those of the published network, without numbers
  };
  // For load_any, which makes it.
  AnyModel(std::unique_ptr<const detail::Runnable> network, Facts facts) : network_(std::move(network)), facts_(std::move(facts)) {}

  // The name of the network, or of the published checkpoint where that was asked for: "mixer_b16_224.miil_in21k_ft_in1k".
  std::string_view name() const { return facts_.name; }
  // The shape of the images. A side is Dynamic where the network takes any.
  Shape input() const { return facts_.network.input; }
  // The number of classes of the file, which need not be the published one; 0 for a backbone.
  int classes() const { return facts_.classes; }
  // Learnable numbers; and multiply-accumulates of one image, 0 where the size of images is free. Both with the file's classes.
  std::int64_t parameter_count() const { return facts_.parameter_count; }
  std::int64_t macs() const { return facts_.macs; }
  // How images are prepared.
  const Preprocessing& preprocessing() const { return facts_.preprocessing; }
  // One for each class: those that the file brings, else ImageNet's where the network was published with them, else "class 0", ...
  const std::vector<std::string>& labels() const { return facts_.labels; }
  // What was found in the file and what became of it.
  const LoadReport& report() const { return facts_.report; }
  // The instruction set for which the network was compiled.
  InstructionSet instruction_set() const { return facts_.instruction_set; }
  // What its products multiply.
  Precision precision() const { return facts_.precision; }

  // The image as the network takes it. Networks for images of any size get it in its own size, normalised.
  AnyTensor preprocess(const Image& image) const;

  // Scores of each class, before softmax: 1×1×classes. A backbone gives its last map.
  AnyTensor scores(const Image& image) const { return scores(preprocess(image)); }
  AnyTensor scores(const Image& image, Workers& workers) const { return scores(preprocess(image), workers); }
  // The same for a tensor that is prepared already, of the shape input(). The workers share the image.
  AnyTensor scores(View<any_shape> x) const;
  AnyTensor scores(View<any_shape> x, Workers& workers) const;
  // For all images of a batch. Workers take whole images, and share what is left over.
  AnyBatch scores(const AnyBatch& x) const;
  AnyBatch scores(const AnyBatch& x, Workers& workers) const;

  // What the head reads, 1×1×channels; and the tokens after the last norm, height × width × channels.
  AnyTensor features(View<any_shape> x) const { return intermediate(x, "features"); }
  AnyTensor features(const Image& image) const { return features(preprocess(image)); }
  // The tokens after the last norm, height × width × channels.
  AnyTensor tokens(View<any_shape> x) const { return intermediate(x, "tokens"); }
  AnyTensor tokens(const Image& image) const { return tokens(preprocess(image)); }
  // An intermediate result by name, such as "stem" or "blocks.3". Throws an Error that says which names are close.
  AnyTensor intermediate(View<any_shape> x, std::string_view name) const;
  AnyTensor intermediate(const Image& image, std::string_view name) const { return intermediate(preprocess(image), name); }
  // The names that intermediate() accepts, in the order in which the network makes the results.
  std::vector<std::string> intermediates() const { return facts_.intermediates(); }

  // A table of the layers with their shapes, parameters and multiply-accumulates, and how each runs (engine/summary.hpp). Where the network
  // takes images of any size, the shape of one has to be given.
  std::string summary(Shape image) const { return facts_.summary(image, facts_.classes); }
  std::string summary() const { return summary(input()); }

  // All that was found out, in one piece.
  const Facts& facts() const { return facts_; }

  // Runs the network and shows every intermediate result.
  AnyTensor observe(View<any_shape> x, Observer& observer) const;

 private:
  AnyTensor run(View<any_shape> x, Workers* workers, Observer* observer) const;
  AnyBatch run(const AnyBatch& x, Workers* workers) const;

  std::unique_ptr<const detail::Runnable> network_;
  Facts facts_;
};

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/any/any_model_inl.hpp"
#endif
