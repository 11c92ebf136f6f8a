// SPDX-License-Identifier: MIT
//
// How good is a checkpoint on labelled images?  evaluate --weights resmlp_12_dist.pth imagenet/val/
// docs/tools.md has the manual page.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "arguments.hpp"
#include "class_folders.hpp"
#include "model_options.hpp"
#include "output.hpp"
#include "picture.hpp"
#include "progress.hpp"
#include "tessera/io/read_tensors.hpp"
#include "tessera/vision/top_k.hpp"

namespace {

constexpr const char* examples = R"(Examples:
  evaluate --model spach_ms_cifar10 cifar10/test.tar.gz
  evaluate --model spach_ms_cifar10 cifar-10-binary.tar.gz
  evaluate --weights resmlp_12_dist.pth --check 0.2 imagenet/val/
  evaluate --weights model.pth --confusion-png confusion.png --calibration-png calibration.png photos/

Exit status: 0; 1 if an image could not be read, the output not be written, or --check failed; 2 for wrong arguments.)";

struct Options : ModelOptions {
  std::vector<std::string> images;
  std::string confusion_csv, confusion_png, calibration_png;
  double check = 0;
};

// One image with an answer.
struct Judged {
  std::string folder;
  std::size_t predicted;
  std::vector<float> scores;
  double confidence;
  std::size_t truth = 0, rank = 0;  // known when all folders are; the rank is 0 for the highest score
};

// Confidence in bins of equal width, as Guo et al. 2017 (arXiv:1706.04599): ECE = Σ |bin| / n · |accuracy - mean confidence|.
struct Calibration {
  static constexpr std::size_t bins = 15;
  std::array<double, bins> images{}, right{}, confidence{};

  void add(double p, bool correct) {
    const std::size_t bin = std::min(static_cast<std::size_t>(p * bins), bins - 1);
    images[bin] += 1;
    right[bin] += correct ? 1 : 0;
    confidence[bin] += p;
  }
  double error() const {
    double sum = 0, all = 0;
    for (std::size_t b = 0; b < bins; ++b) sum += std::abs(right[b] - confidence[b]), all += images[b];
    return sum / all;
  }
};

using Confusion = std::vector<std::vector<std::size_t>>;  // images by true class, then by predicted class

void write_confusion(const std::string& path, const Confusion& confusion, const std::vector<std::string>& labels) {
  Output output(path, "w");
  std::string text = "true\\predicted";
  for (const std::string& label : labels) text += ',' + csv_text(label);
  for (std::size_t k = 0; k < labels.size(); ++k) {
    text += '\n' + csv_text(labels[k]);
    for (const std::size_t count : confusion[k]) text += ',' + std::to_string(count);
  }
  output.write(text + '\n');
  output.close();
}

void draw_confusion(const std::string& path, const Confusion& confusion, const std::vector<std::string>& labels) {
  const int classes = static_cast<int>(labels.size());
  const bool named = classes <= 50;  // more names would not be readable
  const int cell = named ? std::max(22, 420 / classes) : std::max(1, 900 / classes), left = named ? 150 : 40, top = 50,
            side = cell * classes;
  const double size = std::min(13.0, 0.5 * cell + 2);
  Picture picture(left + side + 100, top + side + (named ? 130 : 40));
  picture.text(left + side / 2.0, 28, "True class (rows) and predicted class (columns), share of the row", 14, Align::middle);
  for (int row = 0; row < classes; ++row) {
    const auto& counts = confusion[static_cast<std::size_t>(row)];
    double all = 0;
    for (const std::size_t count : counts) all += static_cast<double>(count);
    for (int column = 0; column < classes; ++column) {
      const auto count = counts[static_cast<std::size_t>(column)];
      const double share = all == 0 ? 0 : static_cast<double>(count) / all;
      picture.box(left + column * cell, top + row * cell, cell, cell, mix(white, row == column ? blue : red, std::sqrt(share)));
      if (classes <= 20 && count > 0)
        picture.text(left + (column + 0.5) * cell, top + (row + 0.62) * cell, std::to_string(count), size * 0.8, Align::middle,
                     share > 0.3 ? white : black);
    }
    if (!named) continue;
    const std::string& label = labels[static_cast<std::size_t>(row)];
    picture.text(left - 6, top + (row + 0.5) * cell + size / 3, label, size, Align::right);
    picture.text_upwards(left + (row + 0.5) * cell + size / 3, top + side + 6, label, size, Align::right);
  }
  for (const int edge : {0, side}) {
    picture.line(left, top + edge, left + side, top + edge, grey);
    picture.line(left + edge, top, left + edge, top + side, grey);
  }
  // The scale.
  for (int step = 0; step <= 100; ++step) {
    picture.box(left + side + 20, top + 2 * (100 - step), 12, 2, mix(white, blue, std::sqrt(step / 100.0)));
    picture.box(left + side + 32, top + 2 * (100 - step), 12, 2, mix(white, red, std::sqrt(step / 100.0)));
    if (step % 25 == 0) picture.text(left + side + 50, top + 2 * (100 - step) + 6, std::to_string(step) + " %", 11);
  }
  picture.text(left + side + 20, top + 222, "right", 10, Align::left, blue);
  picture.text(left + side + 20, top + 236, "wrong", 10, Align::left, red);
  picture.save(path);
}

void draw_calibration(const std::string& path, const Calibration& calibration) {
  constexpr int left = 70, top = 50, side = 390, below = 90, bins = static_cast<int>(Calibration::bins);
  Picture picture(left + side + 30, top + side + below + 80);
  picture.text(left + side / 2.0, 28, format("Reliability: ECE %.2f %% (15 bins)", 100 * calibration.error()), 15, Align::middle);
  const double bar = static_cast<double>(side) / bins, most = *std::max_element(calibration.images.begin(), calibration.images.end());
  for (int b = 0; b < bins; ++b) {
    const auto bin = static_cast<std::size_t>(b);
    const double images = calibration.images[bin];
    if (images == 0) continue;
    const double accuracy = calibration.right[bin] / images, confidence = calibration.confidence[bin] / images;
    picture.box(left + b * bar + 1, top + side * (1 - accuracy), bar - 2, side * accuracy, mix(white, blue, 0.75));
    picture.line(left + b * bar + 1, top + side * (1 - confidence), left + (b + 1) * bar - 1, top + side * (1 - confidence), red, 2);
    picture.box(left + b * bar + 1, top + side + 20 + below * (1 - images / most), bar - 2, below * images / most, grey);
  }
  picture.line(left, top + side, left + side, top, black, 0.7);
  for (int step = 0; step <= 5; ++step) {
    const double at = side * step / 5.0;
    picture.text(left - 8, top + side - at + 4, format("%d %%", 20 * step), 11, Align::right);
    picture.text(left + at, top + side + below + 36, format("%d %%", 20 * step), 11, Align::middle);
    picture.line(left - 4, top + side - at, left, top + side - at, black);
  }
  picture.line(left, top, left, top + side, black);
  picture.line(left, top + side, left + side, top + side, black);
  picture.line(left, top + side + below + 20, left + side, top + side + below + 20, black);
  picture.text_upwards(20, top + side / 2.0, "accuracy", 13, Align::middle);
  picture.text_upwards(20, top + side + 20 + below / 2.0, "images", 13, Align::middle);
  picture.text(left + side / 2.0, top + side + below + 60, "confidence of the prediction", 13, Align::middle);
  picture.box(left + 14, top + 10, 12, 12, mix(white, blue, 0.75));
  picture.text(left + 32, top + 20, "accuracy", 12);
  picture.line(left + 14, top + 34, left + 26, top + 34, red, 2);
  picture.text(left + 32, top + 38, "mean confidence", 12);
  picture.save(path);
}

// Runs all images. Those that cannot be read are named on the standard error.
std::vector<Judged> judge(const Options& options, const tessera::AnyModel& model, std::size_t& failed, double& rate) {
  ImageList images(options.images, 1, 1, true);
  Progress progress(images.count());
  Pipeline pipeline(images, model, pipeline_options(options));
  std::vector<Judged> judged;
  for (Answer answer; pipeline.next(answer);) {
    progress.step();
    try {
      if (!answer.error.empty()) throw tessera::Error(answer.error);
      const auto best = tessera::top_k(answer.values, 1);
      judged.push_back({class_folder(answer.path), best[0].index, {answer.values.begin(), answer.values.end()}, best[0].probability});
    } catch (const tessera::Error& error) {
      ++failed;
      progress.clear();
      std::fprintf(stderr, "evaluate: %s\n", error.what());
    }
  }
  rate = progress.images_per_second();
  return judged;
}

// Fills in the true classes and the ranks of their scores.
void compare(std::vector<Judged>& judged, const std::vector<std::string>& labels) {
  std::vector<std::string> folders;
  for (const Judged& image : judged) folders.push_back(image.folder);
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  const std::vector<std::size_t> classes = classes_of_folders(folders, labels);
  for (Judged& image : judged) {
    image.truth = classes[static_cast<std::size_t>(std::lower_bound(folders.begin(), folders.end(), image.folder) - folders.begin())];
    for (std::size_t k = 0; k < labels.size(); ++k)
      if (image.scores[k] > image.scores[image.truth] || (image.scores[k] == image.scores[image.truth] && k < image.truth)) ++image.rank;
  }
}

// Top-1 in per cent, of the authors or, as train.py writes it, of the file itself; 0 where there is none.
double published_accuracy(const Options& options, const tessera::AnyModel& model) {
  for (const auto& [key, text] : tessera::read_tensors(options.weights).metadata)
    if (key == "test_accuracy") return 100 * std::strtod(text.c_str(), nullptr);
  for (const tessera::CheckpointInfo& known : tessera::detail::published_checkpoints())
    if (known.name == model.name()) return known.top1;
  return 0;
}

int report(const Options& options, const tessera::AnyModel& model, const std::vector<std::string>& labels) {
  std::size_t failed = 0;
  double rate = 0;
  std::vector<Judged> judged = judge(options, model, failed, rate);
  if (judged.empty()) throw tessera::Error("found no image that could be read");
  compare(judged, labels);

  Confusion confusion(labels.size(), std::vector<std::size_t>(labels.size()));
  Calibration calibration;
  double first = 0, five = 0;
  for (const Judged& image : judged) {
    ++confusion[image.truth][image.predicted];
    calibration.add(image.confidence, image.predicted == image.truth);
    first += image.predicted == image.truth ? 1 : 0;
    five += image.rank < 5 ? 1 : 0;
  }
  const double all = static_cast<double>(judged.size()), top1 = 100 * first / all;
  std::string text =
      format("%zu images, %zu could not be read, %.1f images/s\n", judged.size(), failed, rate) + format("top-1  %6.2f %%\n", top1);
  if (labels.size() > 5) text += format("top-5  %6.2f %%\n", 100 * five / all);
  text += format("ECE    %6.2f %%\n", 100 * calibration.error());
  const double published = published_accuracy(options, model);
  if (published > 0) text += format("published %.2f %%, %+.2f points\n", published, top1 - published);
  for (std::size_t k = 0; k < labels.size(); ++k) {
    std::size_t images = 0, wrong = k == 0 ? 1 : 0;
    for (std::size_t p = 0; p < labels.size(); ++p) {
      images += confusion[k][p];
      if (p != k && (wrong == k || confusion[k][p] > confusion[k][wrong])) wrong = p;
    }
    if (images == 0) continue;
    text += format("  %6.2f %% of %5zu  ", 100.0 * static_cast<double>(confusion[k][k]) / static_cast<double>(images), images) + labels[k];
    if (labels.size() > 1 && confusion[k][wrong] > 0) text += format(", %zu taken for ", confusion[k][wrong]) + labels[wrong];
    text += '\n';
  }
  if (!options.confusion_csv.empty()) write_confusion(options.confusion_csv, confusion, labels);
  if (!options.confusion_png.empty()) draw_confusion(options.confusion_png, confusion, labels);
  if (!options.calibration_png.empty()) draw_calibration(options.calibration_png, calibration);
  Output output;
  output.write(text);
  output.close();
  if (options.check == 0) return failed > 0 ? exit_failure : exit_success;
  if (published == 0)
    throw tessera::Error("--check: found no published accuracy of " + std::string(model.name()) +
                         "; --model names a checkpoint that has one");
  if (std::abs(top1 - published) > options.check)
    throw tessera::Error(format("--check: found %.2f %%, expected %.2f %% within %.2f points", top1, published, options.check));
  return failed > 0 ? exit_failure : exit_success;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures a checkpoint on images whose folders are called as their classes", "evaluate");
  Options options;
  add_model_options(app, options);
  app.add_option("--labels", options.labels, "class names: a file (lines, JSON, config.json), in1k, in21k or cifar10")->type_name("FILE");
  add_image_options(app, options);
  app.add_option("--confusion-csv", options.confusion_csv, "write the confusion matrix")->type_name("FILE");
  app.add_option("--confusion-png", options.confusion_png, "draw the confusion matrix")->type_name("FILE");
  app.add_option("--calibration-png", options.calibration_png, "draw accuracy against confidence")->type_name("FILE");
  app.add_option("--check", options.check, "fail if top-1 is further than this from the published accuracy")
      ->check(CLI::PositiveNumber)
      ->type_name("POINTS");
  app.add_option("FOLDER", options.images, "folders of class folders, tar archives of them, or CIFAR-10's binary files")->required();
  app.footer(examples);
  int status = exit_success;
  if (!parse_arguments(app, argc, argv, status)) return status;
  std::unique_ptr<const tessera::AnyModel> model;
  std::vector<std::string> labels;
  try {
    model = load_model(options);
    if (model->classes() == 0) throw tessera::Error(std::string(model->name()) + " has no classifier");
    labels = load_labels(options, *model);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "evaluate: %s\n", error.what());
    return exit_usage;
  }
  try {
    return report(options, *model, labels);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "evaluate: %s\n", error.what());
    return exit_failure;
  }
}
