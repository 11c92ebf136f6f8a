// SPDX-License-Identifier: MIT
//
// Classifies images:  classify --weights resmlp_12_224.safetensors cat.jpg photos/ more.tar
// docs/tools.md has the manual page.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "arguments.hpp"
#include "model_options.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "records.hpp"

namespace {

constexpr const char* examples = R"(Examples:
  classify --model spach_ms_cifar10 cat.jpg
  classify --weights resmlp_12_dist.pth --top 3 photos/ 'more/*.png'
  classify --weights model.pth --jsonl images.tar > answers.jsonl
  find / -name '*.jpg' | classify --weights model.pth --jsonl --resume answers.jsonl -
  classify --weights model.pth --jsonl --shard 2/8 photos/ > part2.jsonl

Exit status: 0; 1 if an image could not be read or the output not be written; 2 for wrong arguments; 130 after Ctrl-C.)";

struct Options : ModelOptions {
  int top = 5;
  bool jsonl = false, csv = false, timing = false;
  std::string shard = "1/1", resume;
  std::vector<std::string> images;
};

// "2/8": the second of eight parts.
std::pair<int, int> parse_shard(const std::string& text) {
  int shard = 0, shards = 0, used = 0;
  if (std::sscanf(text.c_str(), "%d/%d%n", &shard, &shards, &used) != 2 || text.size() != static_cast<std::size_t>(used) || shard < 1 ||
      shards < shard)
    throw tessera::Error("--shard: found " + tessera::detail::quote(text) + ", expected such as 2/8, the second of eight parts");
  return {shard, shards};
}

class Classifier {
 public:
  Classifier(const Options& options, const tessera::AnyModel& model)
      : options_(options), style_{options.top, options.timing, load_labels(options, model)}, model_(model) {}

  int run() {
    const auto [shard, shards] = parse_shard(options_.shard);
    ImageList images(options_.images, shard, shards);
    const auto count = images.count();
    std::size_t failed = 0, skipped = 0;
    if (!options_.resume.empty()) skipped = skip_what_is_done(images, failed);
    Output output = options_.resume.empty() ? Output() : Output(options_.resume, "a");
    Progress progress(count ? std::optional(*count - std::min(*count, skipped)) : std::nullopt);
    // A table on a terminal is progress enough.
    const bool quiet = !options_.jsonl && !options_.csv && options_.resume.empty() && ::isatty(STDOUT_FILENO) == 1;
    if (options_.csv) output.write(csv_head);

    StopOnInterrupt stop;
    {
      Pipeline pipeline(images, model_, pipeline_options(options_));
      for (Answer answer; pipeline.next(answer);) {
        output.write(options_.jsonl ? jsonl_record(answer, style_)
                     : options_.csv ? csv_record(answer, style_)
                                    : table_record(answer, style_));
        failed += answer.error.empty() ? 0 : 1;
        if (!quiet) progress.step();
      }
      progress.clear();
      output.close();
      // Without waiting for a thread that may still read the standard input.
      if (stop_requested != 0) std::_Exit(128 + SIGINT);
    }
    if (failed > 0) std::fprintf(stderr, "classify: %zu of %zu images could not be read\n", failed, skipped + progress.done());
    return failed > 0 ? exit_failure : exit_success;
  }

 private:
  // Goes on where a run that was ended left the file: cuts off half a line at its end, and passes over the images that have a record. The
  // last that was classified is computed again, to see that the file was made with the same options. Returns how many there are.
  std::size_t skip_what_is_done(ImageList& images, std::size_t& failed) {
    std::ifstream file(options_.resume, std::ios::binary);
    if (!file) return 0;
    std::size_t records = 0;
    std::uintmax_t whole = 0;
    std::string line, last;
    ImageSource source, last_source;
    while (std::getline(file, line) && !file.eof()) {  // a line without an end reaches the end of the file
      const std::string place = options_.resume + ", line " + std::to_string(records + 1);
      const tessera::detail::Json record = tessera::detail::parse_json(line, place);
      const tessera::detail::Json* const path = record.find("path");
      if (path == nullptr) throw tessera::Error(place + ": found no \"path\", expected a record of classify --jsonl");
      if (!images.next(source)) throw tessera::Error(place + ": found a record, expected none, because there are no more images");
      if (path->text() != as_utf8(source.path))
        throw tessera::Error(place + ": found the image " + path->text() + ", expected " + as_utf8(source.path) +
                             ", as these arguments list it");
      failed += record.find("error") != nullptr ? 1 : 0;
      whole += line.size() + 1;
      ++records;
      if (record.find("error") != nullptr) continue;
      last = std::move(line);
      last_source = std::move(source);
    }
    file.close();
    if (!last.empty()) check_last(last_source, last);
    std::filesystem::resize_file(options_.resume, whole);
    return records;
  }

  void check_last(const ImageSource& source, const std::string& line) const {
    Answer answer{.path = source.path};
    try {
      tessera::ImageOptions how = pipeline_options(options_).image;
      how.lenient = source.found_in_folder || source.in_memory;
      how.warnings = &answer.warnings;
      answer.values = model_.scores(decode(source, how));
    } catch (const std::exception& error) {
      answer.error = error.what();
    }
    if (!same_record(line, jsonl_record(answer, style_)))
      throw tessera::Error(options_.resume + ": found another answer for " + as_utf8(source.path) +
                           " than this model and these options give; remove the file to begin again");
  }

  const Options& options_;
  RecordStyle style_;
  const tessera::AnyModel& model_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Classifies images with a published, bundled or own checkpoint", "classify");
  Options options;
  add_model_options(app, options);
  app.add_option("--labels", options.labels, "class names: a file (lines, JSON, config.json), in1k, in21k or cifar10")->type_name("FILE");
  app.add_option("--top", options.top, "how many classes of each image")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("K")
      ->capture_default_str();
  auto* const jsonl = app.add_flag("--jsonl", options.jsonl, "one JSON object an image");
  app.add_flag("--csv", options.csv, "comma-separated values, one row a class")->excludes(jsonl);
  app.add_flag("--timing", options.timing, "add the milliseconds of reading and computing to the records of --jsonl");
  add_image_options(app, options);
  app.add_option("--shard", options.shard, "only part I of N of the images, for several processes")->type_name("I/N");
  app.add_option("--resume", options.resume, "write the records to this file; go on where it ends")->type_name("FILE.jsonl")->needs(jsonl);
  app.add_option("IMAGE", options.images, "image files, folders, globs, tar archives; - for a list on the standard input")->required();
  app.footer(examples);
  int status = exit_success;
  if (!parse_arguments(app, argc, argv, status)) return status;
  std::unique_ptr<const tessera::AnyModel> model;
  try {
    model = load_model(options);
    if (model->classes() == 0) throw tessera::Error(std::string(model->name()) + " has no classifier");
    load_labels(options, *model), parse_shard(options.shard);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "classify: %s\n", error.what());
    return exit_usage;
  }
  try {
    return Classifier(options, *model).run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "classify: %s\n", error.what());
    return exit_failure;
  }
}
