// SPDX-License-Identifier: MIT
//
// Pictures of a checkpoint's weights, as the papers show them, and of what its network does with a photo:
//   visualize --tokens tokens.png --sparsity sparsity.png resmlp_12_dist.pth
//   visualize --contributions contributions.png --photo cat.jpg resmlp_12_dist.pth
// docs/tools.md has the manual page.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "network_pictures.hpp"
#include "output.hpp"
#include "picture.hpp"
#include "tessera/io/key_names.hpp"
#include "tessera/io/read_tensors.hpp"
#include "tessera/load_any.hpp"
#include "tessera/vision/read_image.hpp"

using tessera::TensorEntry;

namespace {

constexpr const char* examples = R"(Examples:
  visualize --tokens tokens.png resmlp_12_dist.pth
  visualize --tokens units.png --columns 24 --sparsity sparsity.png mixer_b16_224.safetensors
  visualize --contributions why.png --photo cat.jpg --class dog resmlp_12_dist.pth
  visualize --maps maps.png --receptive fields.png --photo a.jpg --photo b.jpg spach_ms_xxs.pth

Exit status: 0; 1 if a file cannot be read, has no such weights, or a picture not be written; 2 for wrong arguments.)";

struct Options {
  std::string file, model, wanted, tokens, sparsity, contributions, maps, receptive;
  std::vector<std::string> photos;
  std::size_t columns = 12;
};

// A matrix whose columns are the positions of a square grid.
struct TokenMatrix {
  std::string key;
  std::size_t rows, side;
  std::vector<float> values;
  bool units;  // the rows are hidden units, whose order means nothing, not output positions

  const float* row(std::size_t r) const { return values.data() + r * side * side; }
};

std::vector<float> values_of(const TensorEntry& tensor) {
  constexpr std::int64_t most = std::int64_t{1} << 28;
  if (tensor.size() > most)
    throw tessera::Error(tensor.name + ": found " + std::to_string(tensor.size()) + " values, expected at most " + std::to_string(most));
  std::vector<float> values(static_cast<std::size_t>(tensor.size()));
  tessera::to_float(tensor, values);
  return values;
}

std::vector<TokenMatrix> token_matrices(const tessera::NamedTensors& named) {
  std::vector<TokenMatrix> found;
  for (const auto& entry : named.tensors) {
    const TensorEntry& tensor = entry.tensor;
    const std::string_view name = tensor.name;
    const bool across = name.ends_with(".linear_tokens.weight"),
               units = name.ends_with(".mlp_tokens.fc1.weight") || name.ends_with(".spatial_func.fc1.weight");
    if ((!across && !units) || tensor.extents.size() < 2) continue;
    const auto side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(tensor.extents[1]))));
    if (side * side != static_cast<std::size_t>(tensor.extents[1])) continue;
    found.push_back(
        {std::string(name.substr(0, name.size() - 7)), static_cast<std::size_t>(tensor.extents[0]), side, values_of(tensor), units});
  }
  // Blocks in the order of their numbers: blocks.10 after blocks.9.
  std::stable_sort(found.begin(), found.end(), [](const TokenMatrix& a, const TokenMatrix& b) {
    return a.key.size() != b.key.size() ? a.key.size() < b.key.size() : a.key < b.key;
  });
  return found;
}

// The mean frequency of a row's image, weighted by energy: Σ (differences between neighbours)² / Σ value². 0 for a constant.
double frequency(const float* x, std::size_t side) {
  double differences = 0, energy = 1e-30;
  for (std::size_t i = 0; i < side; ++i)
    for (std::size_t j = 0; j < side; ++j) {
      const double v = static_cast<double>(x[i * side + j]);
      energy += v * v;
      if (i + 1 < side) differences += (static_cast<double>(x[(i + 1) * side + j]) - v) * (static_cast<double>(x[(i + 1) * side + j]) - v);
      if (j + 1 < side) differences += (static_cast<double>(x[i * side + j + 1]) - v) * (static_cast<double>(x[i * side + j + 1]) - v);
    }
  return differences / energy;
}

// Which rows are shown: hidden units from low frequency to high, output positions from the first to the last; equally spaced if there are
// more.
std::vector<std::size_t> chosen_rows(const TokenMatrix& matrix, std::size_t columns) {
  std::vector<std::size_t> order(matrix.rows);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (matrix.units) {
    std::vector<double> key;
    for (const std::size_t row : order) key.push_back(frequency(matrix.row(row), matrix.side));
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key[a] < key[b]; });
  }
  const std::size_t count = std::min(columns, order.size());
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(order[count == 1 ? 0 : i * (order.size() - 1) / (count - 1)]);
  return chosen;
}

void draw_tokens(const std::string& path, const std::vector<TokenMatrix>& matrices, std::size_t columns) {
  if (matrices.empty())
    throw tessera::Error(
        "--tokens: found no weights across a square grid of tokens, expected those of ResMLP, Mixer, or SPACH with an MLP");
  constexpr int tile = 56, gap = 6, left = 190, top = 70;
  Picture picture(left + static_cast<int>(columns) * (tile + gap) + 20, top + static_cast<int>(matrices.size()) * (tile + gap) + 20);
  picture.text(20, 26,
               matrices[0].units ? "Token mixing: the weights of hidden units over the image, from low to high frequency"
                                 : "Cross-patch weights: what each output position takes from the image",
               15);
  for (int step = -50; step <= 50; ++step) picture.box(20 + 50 + step, 38, 1, 12, signed_colour(step / 50.0));
  picture.text(126, 49, "from minus to plus the largest of each small image", 11);
  for (std::size_t m = 0; m < matrices.size(); ++m) {
    const TokenMatrix& matrix = matrices[m];
    const double y = top + static_cast<double>(m) * (tile + gap);
    picture.text(left - 10, y + tile / 2.0 + 4, matrix.key, 11, Align::right);
    const std::vector<std::size_t> rows = chosen_rows(matrix, columns);
    for (std::size_t c = 0; c < rows.size(); ++c) {
      const float* const values = matrix.row(rows[c]);
      double largest = 1e-30;
      for (std::size_t i = 0; i < matrix.side * matrix.side; ++i) largest = std::max(largest, std::abs(static_cast<double>(values[i])));
      const double x = left + static_cast<double>(c) * (tile + gap), cell = static_cast<double>(tile) / static_cast<double>(matrix.side);
      // Whole pixels, so that neighbours leave no gaps.
      const auto edge = [cell](std::size_t i) { return std::round(cell * static_cast<double>(i)); };
      for (std::size_t i = 0; i < matrix.side; ++i)
        for (std::size_t j = 0; j < matrix.side; ++j)
          picture.box(x + edge(j), y + edge(i), edge(j + 1) - edge(j), edge(i + 1) - edge(i),
                      signed_colour(static_cast<double>(values[i * matrix.side + j]) / largest));
    }
  }
  picture.save(path);
}

// The share of weights below a fraction of their matrix's maximum, for all matrices of one kind.
struct Curve {
  static constexpr std::size_t points = 121;
  std::string kind;
  std::array<double, points> below{};
  double weights = 0;

  // From 0.001 to 1, in equal steps of the logarithm.
  static double fraction(std::size_t point) { return std::pow(10.0, 3.0 * static_cast<double>(point) / (points - 1) - 3.0); }
  void add(const std::vector<float>& values) {
    double largest = 1e-30;
    for (const float value : values) largest = std::max(largest, std::abs(static_cast<double>(value)));
    for (const float value : values) {
      const double ratio = std::abs(static_cast<double>(value)) / largest;
      const double point = ratio <= 1e-3 ? 0 : std::ceil((std::log10(ratio) + 3) / 3 * (points - 1));
      ++below[std::min(static_cast<std::size_t>(point), points - 1)];
    }
    weights += static_cast<double>(values.size());
  }
};

// blocks.3.mlp_channels.fc1.weight is of the kind mlp_channels.fc1.
std::string kind_of(std::string_view name) {
  std::string kind;
  name.remove_suffix(std::string_view(".weight").size());
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    const bool number = part.find_first_not_of("0123456789") == part.npos;
    if (!number && part != "blocks" && !part.starts_with("layer") && part != "stages")
      kind += (kind.empty() ? "" : ".") + std::string(part);
    begin = end + 1;
  }
  return kind;
}

void draw_sparsity(const std::string& path, const tessera::NamedTensors& named) {
  std::vector<Curve> curves;
  for (const auto& entry : named.tensors) {
    const TensorEntry& tensor = entry.tensor;
    if (tensor.extents.size() < 2 || !std::string_view(tensor.name).ends_with(".weight") || tensor.size() < 1000) continue;
    const std::string kind = kind_of(tensor.name);
    auto curve = std::find_if(curves.begin(), curves.end(), [&](const Curve& c) { return c.kind == kind; });
    if (curve == curves.end()) curve = curves.insert(curves.end(), Curve{kind});
    curve->add(values_of(tensor));
  }
  if (curves.empty()) throw tessera::Error("--sparsity: found no matrices of 1000 weights or more");
  constexpr std::array<Colour, 8> colours{
      blue, red, Colour{0.17, 0.55, 0.25}, Colour{0.90, 0.55, 0.10}, Colour{0.50, 0.30, 0.65}, Colour{0.45, 0.33, 0.25}, grey, black};
  constexpr int left = 70, top = 50, width = 560, height = 360;
  Picture picture(left + width + 220, top + height + 70);
  picture.text(left + width / 2.0, 28, "Weights below a fraction of the largest of their matrix", 15, Align::middle);
  for (int step = 0; step <= 5; ++step) {
    const double y = top + height * (1 - step / 5.0);
    picture.line(left, y, left + width, y, light_grey);
    picture.text(left - 8, y + 4, format("%d %%", 20 * step), 11, Align::right);
  }
  constexpr std::array<const char*, 4> names{"0.001", "0.01", "0.1", "1"};
  for (std::size_t step = 0; step < names.size(); ++step) {
    const double x = left + width * static_cast<double>(step) / 3.0;
    picture.line(x, top, x, top + height, light_grey);
    picture.text(x, top + height + 18, names[step], 11, Align::middle);
  }
  picture.text(left + width / 2.0, top + height + 46, "fraction of the largest weight", 13, Align::middle);
  picture.text_upwards(20, top + height / 2.0, "share of weights", 13, Align::middle);
  for (std::size_t c = 0; c < curves.size(); ++c) {
    const Colour colour = colours[c % colours.size()];
    double below = curves[c].below[0], y = top + height * (1 - below / curves[c].weights);
    for (std::size_t point = 1; point < Curve::points; ++point) {
      below += curves[c].below[point];
      const double next = top + height * (1 - below / curves[c].weights), step = static_cast<double>(width) / (Curve::points - 1);
      picture.line(left + step * static_cast<double>(point - 1), y, left + step * static_cast<double>(point), next, colour, 2);
      y = next;
    }
    const double legend = top + 14 + 18 * static_cast<double>(c);
    picture.line(left + width + 14, legend - 4, left + width + 34, legend - 4, colour, 2);
    picture.text(left + width + 40, legend, curves[c].kind, 11);
  }
  picture.save(path);
}

// What the network does with the photos.
void draw_network(const Options& options, const tessera::TensorFile& file, const tessera::NamedTensors& named) {
  constexpr std::size_t most_results = 8;
  const auto model = tessera::load_any(file, {.name = options.model});
  std::vector<tessera::AnyTensor> photos;
  for (const std::string& photo : options.photos) photos.push_back(model->preprocess(tessera::read_image(photo)));
  if (!options.contributions.empty()) draw_contributions(options.contributions, *model, named, photos[0], options.wanted);
  if (!options.maps.empty())
    draw_feature_maps(options.maps, seen_image(photos[0], model->preprocessing()), spatial_results(*model, photos[0], most_results),
                      options.columns);
  if (!options.receptive.empty()) draw_receptive_fields(options.receptive, *model, photos, most_results);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Draws the weights of a checkpoint, and what its network does with photos", "visualize");
  Options options;
  const auto picture = [&app](const char* name, std::string& path, const char* what) {
    return app.add_option(name, path, what)->type_name("FILE.png");
  };
  app.add_option("FILE", options.file, "safetensors, .pth or .npz file")->required();
  app.add_option("--model", options.model, "network or published checkpoint; without it what the file says or fits")->type_name("NAME");
  picture("--tokens", options.tokens, "the weights across tokens as small images, a row for each layer");
  picture("--sparsity", options.sparsity, "how many weights of each kind of matrix are small");
  auto* const photo = app.add_option("--photo", options.photos, "photo for the pictures below; may be given several times")
                          ->type_name("PHOTO")
                          ->expected(1);
  photo->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  picture("--contributions", options.contributions, "what each part of the photo adds to a score")->needs(photo);
  app.add_option("--class", options.wanted, "the label of that score (default: the best)")->type_name("LABEL");
  picture("--maps", options.maps, "the feature maps of each stage")->needs(photo);
  picture("--receptive", options.receptive, "the effective receptive fields of each stage, mean over the photos")->needs(photo);
  app.add_option("--columns", options.columns, "small images in each row of --tokens and --maps")
      ->check(CLI::Range(1, 200))
      ->type_name("N")
      ->capture_default_str();
  app.footer(examples);
  int status = exit_success;
  if (!parse_arguments(app, argc, argv, status)) return status;
  const bool of_network = !options.contributions.empty() || !options.maps.empty() || !options.receptive.empty();
  if (options.tokens.empty() && options.sparsity.empty() && !of_network) {
    std::fprintf(stderr, "visualize: found nothing to draw, expected --tokens, --sparsity, --contributions, --maps or --receptive\n");
    return exit_usage;
  }
  try {
    const tessera::TensorFile weights = tessera::read_tensors(options.file);
    const tessera::NamedTensors named = tessera::name_tensors(weights);
    if (!options.tokens.empty()) draw_tokens(options.tokens, token_matrices(named), options.columns);
    if (!options.sparsity.empty()) draw_sparsity(options.sparsity, named);
    if (of_network) draw_network(options, weights, named);
    return exit_success;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "visualize: %s\n", error.what());
    return exit_failure;
  }
}
