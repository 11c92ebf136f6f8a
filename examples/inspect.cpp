// SPDX-License-Identifier: MIT
//
// What a checkpoint holds, and which network it fits:  inspect resmlp_12_no_dist.pth
// Every step from a photo to the scores:               inspect --explain cat.jpg resmlp_12_no_dist.pth
// docs/tools.md has the manual page.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>

#include "arguments.hpp"
#include "explain.hpp"
#include "output.hpp"
#include "tessera/io/metadata.hpp"
#include "tessera/io/read_tensors.hpp"
#include "tessera/io/self_test.hpp"
#include "tessera/io/variants.hpp"
#include "tessera/load_any.hpp"

using namespace tessera;

namespace {

constexpr const char* examples = R"(Examples:
  inspect resmlp_12_dist.pth
  inspect --short --state model_ema checkpoint.pth
  inspect --explain cat.jpg model.pth

Exit status: 0; 1 if the file or the photo cannot be read; 2 for wrong arguments.)";

struct Options {
  std::string path, model, state, photo;
  bool brief = false, as_stored = false;
};

std::string describe_tensor(const TensorEntry& tensor) {
  std::string text = format("  %-44s %-5s %-16s", detail::printable(tensor.name).c_str(), tensor.type_name().c_str(),
                            detail::print_extents(tensor.extents).c_str());
  // Types without numbers for us, such as float8, have no size; a stride of 0 can describe more elements than the file has.
  const std::size_t width = size_of(tensor.dtype);
  if (width == 0 || tensor.size() == 0 || static_cast<std::size_t>(tensor.size()) > tensor.bytes.size() / width) return text + '\n';
  std::vector<float> values(static_cast<std::size_t>(tensor.size()));
  to_float(tensor, values);
  double sum = 0, squares = 0, least = std::numeric_limits<double>::infinity(), greatest = -least;
  for (const float value : values) {
    sum += static_cast<double>(value);
    least = std::min(least, static_cast<double>(value)), greatest = std::max(greatest, static_cast<double>(value));
  }
  const double count = static_cast<double>(values.size()), mean = sum / count;
  for (const float value : values) squares += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
  return text + format(" from %10.4g to %10.4g  mean %10.4g  deviation %10.4g\n", least, greatest, mean, std::sqrt(squares / count));
}

// The layers, and how each runs. A network for images of any size is shown for those of ImageNet.
std::string describe_layers(const AnyModel& model) {
  Shape image = model.input();
  if (image.height == Dynamic) image.height = 224;
  if (image.width == Dynamic) image.width = 224;
  return model.summary(image);
}

// What the program would do with the file, or why it cannot.
std::string describe_loading(const TensorFile& file, const Options& options) {
  try {
    const auto model = load_any(file, {.name = options.model, .state = options.state});
    const LoadReport& report = model->report();
    std::string text = "loads as " + std::string(model->name()) + ": " + std::to_string(model->parameter_count()) + " parameters, " +
                       std::to_string(model->classes()) + " classes, " + std::to_string(report.used) + " of " +
                       std::to_string(report.tensors) + " tensors used\n";
    if (!report.state.empty()) text += "  weights taken from " + detail::quote(report.state) + '\n';
    if (!report.prefix.empty()) text += "  names without the prefix " + detail::quote(report.prefix) + '\n';
    for (const std::string& other : report.passed_over) text += "  passed over: " + detail::quote(other) + " (--state takes it)\n";
    for (const std::string& ignored : report.ignored) text += "  ignored: " + detail::printable(ignored) + '\n';
    text += "  classify --model " + std::string(model->name()) + " --weights " + file.path + " PHOTO\n";
    return options.brief ? text : text + describe_layers(*model);
  } catch (const Error& error) {
    return std::string("does not load in this program: ") + error.what() + '\n';
  }
}

std::string describe_file(const TensorFile& file, const Options& options) {
  const NamedTensors named = name_tensors(file);
  std::string text;
  std::uint64_t elements = 0;  // unsigned: a stride of 0 again
  for (const TensorEntry& tensor : file.tensors) {
    if (!options.brief) text += describe_tensor(tensor);
    elements += static_cast<std::uint64_t>(tensor.size());
  }
  text += file.path + ": " + file.format + ", " + std::string(named.naming) + " names, " + std::to_string(file.tensors.size()) +
          " tensors, " + std::to_string(elements) + " numbers\n";
  for (const TensorState& state : file.states)
    text += "  a set of " + std::to_string(state.tensors.size()) + " tensors under " + detail::quote(state.place) + '\n';
  const NetworkSizes sizes = sizes_of(named);
  text += "looks like " + describe(sizes) + ", " +
          (sizes.classes == 0 ? std::string("no head") : std::to_string(sizes.classes) + " classes") + '\n';
  text += describe_loading(file, options);
  for (const auto& [key, value] : file.metadata) text += "metadata " + detail::printable(key) + ": " + detail::printable(value) + '\n';
  if (const auto labels = read_labels(file); !labels.empty()) text += std::to_string(labels.size()) + " labels\n";
  if (const auto test = read_self_test(file))
    text += format("a self-test of %d images, tolerance %g (every program runs it when it loads the file)\n", test->images,
                   static_cast<double>(test->tolerance));
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Shows what a checkpoint holds, which network it fits, and every step from a photo to the scores", "inspect");
  Options options;
  app.add_option("FILE", options.path, "safetensors, .pth or .npz file")->required();
  app.add_option("--model", options.model, "network or published checkpoint; without it what the file says or fits")->type_name("NAME");
  app.add_option("--state", options.state, "which of several sets of weights, such as model_ema")->type_name("PLACE");
  app.add_flag("--short", options.brief, "without the list of tensors");
  app.add_option("--explain", options.photo, "show every step from this photo to the scores (examples/train/explain.py shows PyTorch's)")
      ->type_name("PHOTO");
  app.add_flag("--as-stored", options.as_stored, "do not turn the photo as its camera says, as torchvision and timm do not");
  app.footer(examples);
  int status = exit_success;
  if (!parse_arguments(app, argc, argv, status)) return status;
  try {
    const TensorFile file = read_tensors(options.path);
    Output output;
    if (options.photo.empty()) {
      output.write(describe_file(file, options));
    } else {
      const auto model = load_any(file, {.name = options.model, .state = options.state});
      output.write(explain(*model, options.photo, {.orientation = options.as_stored ? Orientation::as_stored : Orientation::upright}));
    }
    output.close();
    return exit_success;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "inspect: %s\n", error.what());
    return exit_failure;
  }
}
