// SPDX-License-Identifier: MIT
//
// What a network sees in images: vectors in a file, images that are alike, a classifier for classes of one's own.
//   features --weights resmlp_12_dist.pth a.jpg b.jpg c.jpg
// docs/tools.md has the manual page.

#include <cstdio>
#include <memory>
#include <optional>

#include "arguments.hpp"
#include "class_folders.hpp"
#include "model_options.hpp"
#include "output.hpp"
#include "picture.hpp"
#include "probes.hpp"
#include "progress.hpp"
#include "vectors_file.hpp"

namespace {

constexpr const char* examples = R"(Examples:
  features --model spach_ms_cifar10 a.jpg b.jpg c.jpg                    how alike they are: cosines of their features
  features --weights model.pth --out features.npy photos/                [images, channels]; the paths in features.npy.txt
  features --weights model.pth --of blocks.3 --out block.safetensors photos/
  features --weights model.pth --nearest 5 --among photos/ --sheet sheet.png query.jpg
  features --weights model.pth --classify-by pets/ new/                  pets/cat/*.jpg, pets/dog/*.jpg, ... are the examples

Exit status: 0; 1 if an image could not be read or the output not be written; 2 for wrong arguments.)";

struct Options : ModelOptions {
  std::vector<std::string> images, among, examples;
  std::string of = "features", out, sheet;
  int nearest = 0;
};

// The vectors of all images that can be read.
struct Vectors {
  std::vector<std::string> paths;
  tessera::Shape shape{1, 1, 1};
  std::vector<float> values;
  std::size_t failed = 0;

  Features matrix() const {
    const auto rows = static_cast<Eigen::Index>(paths.size()),
               columns = static_cast<Eigen::Index>(paths.empty() ? 0 : values.size() / paths.size());
    using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    return Eigen::Map<const RowMajor>(values.data(), rows, columns).cast<double>();
  }
};

Vectors compute(const Options& options, const tessera::AnyModel& model, const std::vector<std::string>& arguments) {
  ImageList images(arguments);
  Progress progress(images.count());
  PipelineOptions how = pipeline_options(options);
  how.compute = [&](const tessera::AnyModel& network, const tessera::AnyTensor& x, tessera::Workers*) {
    return network.intermediate(x, options.of);
  };
  how.batch = how.threads;
  Pipeline pipeline(images, model, how);
  Vectors vectors;
  for (Answer answer; pipeline.next(answer);) {
    progress.step();
    if (answer.error.empty() && !vectors.paths.empty() && answer.values.shape() != vectors.shape)
      answer.error = answer.path + ": found another shape than of " + vectors.paths[0] + ", expected images of one size";
    if (!answer.error.empty()) {
      ++vectors.failed;
      progress.clear();
      std::fprintf(stderr, "features: %s\n", answer.error.c_str());
      continue;
    }
    vectors.shape = answer.values.shape();
    vectors.paths.push_back(answer.path);
    vectors.values.insert(vectors.values.end(), answer.values.begin(), answer.values.end());
  }
  if (vectors.paths.empty()) throw tessera::Error("found no image that could be read");
  return vectors;
}

std::string cosines(const Vectors& vectors) {
  const Features x = normalized_rows(vectors.matrix());
  std::string text;
  for (Eigen::Index a = 0; a < x.rows(); ++a)
    for (Eigen::Index b = a + 1; b < x.rows(); ++b)
      text += format("%6.3f  ", x.row(a).dot(x.row(b))) + vectors.paths[static_cast<std::size_t>(a)] + "  " +
              vectors.paths[static_cast<std::size_t>(b)] + '\n';
  return text;
}

// A row for each query: the query, then the images that are nearest to it, with their cosines.
class ContactSheet {
 public:
  ContactSheet(std::size_t rows, int columns) : picture_(side * (columns + 1) + 30, (side + 20) * static_cast<int>(rows) + 10) {}

  void add(std::size_t row, int column, const std::string& path, const std::string& caption) {
    const double x = column * side + (column == 0 ? 10 : 20), y = static_cast<double>(row) * (side + 20) + 5;
    ImageSource source{.path = path};
    picture_.image(decode(source, {.lenient = true}), x, y, side - 8);
    picture_.text(x + (side - 8) / 2.0, y + side + 6, caption, 11, Align::middle);
  }
  void save(const std::string& path) { picture_.save(path); }

 private:
  static constexpr int side = 140;
  Picture picture_;
};

std::string neighbours(const Options& options, const Vectors& queries, const Vectors& all) {
  const Features x = normalized_rows(all.matrix()), wanted = queries.matrix();
  std::optional<ContactSheet> sheet;
  if (!options.sheet.empty()) sheet.emplace(queries.paths.size(), options.nearest);
  std::string text;
  for (std::size_t q = 0; q < queries.paths.size(); ++q) {
    text += queries.paths[q] + '\n';
    if (sheet) sheet->add(q, 0, queries.paths[q], "query");
    int column = 0;
    for (const auto& [cosine, row] : nearest(x, wanted.row(static_cast<Eigen::Index>(q)), static_cast<std::size_t>(options.nearest))) {
      text += format("  %6.3f  ", cosine) + all.paths[row] + '\n';
      if (sheet) sheet->add(q, ++column, all.paths[row], format("%.3f", cosine));
    }
  }
  if (sheet) sheet->save(options.sheet);
  return text;
}

// Learns the classes of the example folders, says how well by cross-validation, and names the images by the better of the two ways.
std::string classify_by(const Vectors& examples_of, const Vectors& images) {
  std::vector<std::string> names;
  for (const std::string& path : examples_of.paths) names.push_back(class_folder(path));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.size() < 2) throw tessera::Error("--classify-by: found one class, expected two folders of examples or more");
  Classes labels;
  for (const std::string& path : examples_of.paths)
    labels.push_back(static_cast<int>(std::lower_bound(names.begin(), names.end(), class_folder(path)) - names.begin()));
  const Features x = examples_of.matrix(), wanted = images.matrix();
  const int classes = static_cast<int>(names.size());
  const double by_nearest = cross_validated<NearestNeighbours>(x, labels, classes),
               by_linear = cross_validated<LinearProbe>(x, labels, classes);
  std::string text = format("%zu examples of %d classes; right in cross-validation: nearest neighbours %.1f %%, linear probe %.1f %%\n",
                            labels.size(), classes, 100 * by_nearest, 100 * by_linear);
  const NearestNeighbours near(x, labels, classes);
  const LinearProbe linear(x, labels, classes);
  for (std::size_t i = 0; i < images.paths.size(); ++i) {
    const Eigen::RowVectorXd row = wanted.row(static_cast<Eigen::Index>(i));
    text += names[static_cast<std::size_t>(by_nearest > by_linear ? near(row) : linear(row))] + '\t' + images.paths[i] + '\n';
  }
  return text;
}

int run(const Options& options, const tessera::AnyModel& model) {
  const Vectors images = compute(options, model, options.images);
  std::size_t failed = images.failed;
  std::string text;
  if (!options.out.empty()) {
    write_vectors(options.out, images.values, images.shape, images.paths);
  } else if (options.nearest > 0) {
    const Vectors all = compute(options, model, options.among);
    failed += all.failed;
    text = neighbours(options, images, all);
  } else if (!options.examples.empty()) {
    const Vectors known = compute(options, model, options.examples);
    failed += known.failed;
    text = classify_by(known, images);
  } else {
    text = cosines(images);
  }
  Output output;
  output.write(text);
  output.close();
  return failed > 0 ? exit_failure : exit_success;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Writes and compares the features of images", "features");
  Options options;
  add_model_options(app, options);
  app.add_option("--of", options.of, "which result: features (what the head reads), tokens, or an intermediate result such as blocks.3")
      ->type_name("NAME")
      ->capture_default_str();
  auto* const out = app.add_option("--out", options.out, "write them to this file, .npy or .safetensors")->type_name("FILE");
  auto* const nearest =
      app.add_option("--nearest", options.nearest, "name the K images that are most alike")->check(CLI::Range(1, 1000))->type_name("K");
  auto* const among =
      app.add_option("--among", options.among, "images to look among")->type_name("FOLDER")->allow_extra_args(false)->needs(nearest);
  nearest->needs(among)->excludes(out);
  app.add_option("--sheet", options.sheet, "draw the images that are most alike")->type_name("FILE.png")->needs(nearest);
  app.add_option("--classify-by", options.examples, "name the images by the folders of these examples")
      ->type_name("FOLDER")
      ->allow_extra_args(false)
      ->excludes(out)
      ->excludes(nearest);
  add_image_options(app, options);
  app.add_option("IMAGE", options.images, "image files, folders, globs, tar archives; - for a list on the standard input")->required();
  app.footer(examples);
  int status = exit_success;
  if (!parse_arguments(app, argc, argv, status)) return status;
  std::unique_ptr<const tessera::AnyModel> model;
  try {
    if (!options.out.empty() && lower_extension(options.out) != ".npy" && lower_extension(options.out) != ".safetensors")
      throw tessera::Error("--out: found " + options.out + ", expected a name that ends with .npy or .safetensors");
    model = load_model(options);
    if (model->input().fixed()) {
      const std::vector<std::string> names = model->intermediates();
      const std::vector<std::string_view> known(names.begin(), names.end());
      if (std::find(names.begin(), names.end(), options.of) == names.end())
        throw tessera::Error("--of: found no result " + tessera::detail::quote(options.of) +
                             tessera::detail::did_you_mean(options.of, known, 3, 40));
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "features: %s\n", error.what());
    return exit_usage;
  }
  try {
    return run(options, *model);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "features: %s\n", error.what());
    return exit_failure;
  }
}
