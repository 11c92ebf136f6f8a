// SPDX-License-Identifier: MIT
//
// From a folder of photos to a classifier of one's own:  finetune photos/ --from resmlp_12_dist.pth --out mine.safetensors
// docs/training.md is the guide.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <tuple>

#include "arguments.hpp"
#include "learner.hpp"
#include "model_options.hpp"
#include "network_learner.hpp"
#include "photo_set.hpp"
#include "tessera/vision/read_file.hpp"
#include "training_run.hpp"

namespace {

constexpr const char* examples = R"(Examples:
  finetune pets/ --from resmlp_12_dist.pth --out pets.safetensors          pets/cat/*.jpg, pets/dog/*.jpg, ...
  finetune pets.tar --from spach_ms_cifar10 --out pets.safetensors --epochs 20 --augment strong
  finetune pets/ --from spach_ms_cifar10 --out pets.safetensors --layers all
  classify --weights pets.safetensors photo.jpg

A run that was stopped goes on when the same command is given again.

Exit status: 0; 1 if the photos or the output are no use; 2 for wrong arguments.)";

struct Options : ModelOptions {
  std::vector<std::string> photos;
  std::string out, augment = "light", layers = "head";
  int epochs = 10, examples_a_batch = 64, cache = 1024;
  double rate = 0, decay = 1e-4, layer_decay = 0.75, smoothing = 0.1, held_out = 0.2, save_every = 30;
  std::uint64_t seed = 0;
};

// none: what prediction sees. light: a part of the photo, maybe mirrored. strong: also RandAugment, erasing, Mixup and CutMix.
std::pair<tessera::Augmentation, tessera::Mixing> augmentation(const std::string& level, tessera::Shape input) {
  tessera::Augmentation how;
  tessera::Mixing mixing;
  if (level == "none") return {{.crop = tessera::RandomCrop::none, .flip = 0}, mixing};
  const int side = std::min(input.height, input.width);
  how.crop = side <= 64 ? tessera::RandomCrop::shifted : tessera::RandomCrop::resized;  // small pictures lose too much
  how.rim = side / 8;
  how.least_area = 0.35;
  if (level == "strong") {
    how.operations = 2;
    how.erase = 0.25;
    mixing = {.mixup = 0.8, .cutmix = 1, .probability = 0.5};
  }
  return {how, mixing};
}

// The checkpoint's file: --from is a path, or the name of a model.
void find_source(Options& options) {
  std::error_code ignored;
  if (std::filesystem::exists(options.weights, ignored)) return;
  const std::string found = find_weights(options.weights);
  if (found.empty()) throw tessera::Error("--from " + options.weights + ": found no file and no model of that name");
  options.weights = found;
}

// FNV-1a-64.
std::uint64_t hash_of(std::span<const std::byte> bytes, std::uint64_t hash = 0xcbf29ce484222325) {
  for (const std::byte byte : bytes) hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3;
  return hash;
}

// All that the result depends on, one thing a line.
std::string describe_run(const Options& options, const PhotoSet& photos, const tessera::AnyModel& model) {
  std::uint64_t set = hash_of({});
  for (std::size_t k = 0; k < photos.classes().size(); ++k)
    for (const std::size_t i : photos.photos(k)) {
      const std::string line = photos.path(i) + '\n';
      set = hash_of(std::as_bytes(std::span(line)), set);
    }
  const auto file = tessera::detail::read_file(options.weights, std::size_t{1} << 36, "a checkpoint");
  return format("photos %zu, %016llx\n", photos.count(), static_cast<unsigned long long>(set)) + "network " + std::string(model.name()) +
         format(", weights %016llx\n", static_cast<unsigned long long>(hash_of(file))) + "instruction set " +
         std::string(name_of(model.instruction_set())) + format("\nepochs %d\nbatch %d\n", options.epochs, options.examples_a_batch) +
         format("rate %g\ndecay %g\n", options.rate, options.decay) +
         format("smoothing %g\nheld out %g\nseed %llu\n", options.smoothing, options.held_out,
                static_cast<unsigned long long>(options.seed)) +
         "augment " + options.augment + "\nlayers " + options.layers + format(", %g", options.layer_decay) + "\nstate " + options.state +
         "\nas stored " + (options.as_stored ? "yes" : "no") + '\n';
}

void warn_of_imbalance(const PhotoSet& photos) {
  std::size_t least = 0, most = 0;
  for (std::size_t k = 0; k < photos.classes().size(); ++k) {
    if (photos.photos(k).size() < photos.photos(least).size()) least = k;
    if (photos.photos(k).size() > photos.photos(most).size()) most = k;
  }
  const std::size_t few = photos.photos(least).size(), many = photos.photos(most).size();
  if (many >= 4 * few)
    std::fprintf(stderr, "finetune: found %zu photos of %s and %zu of %s; a class with few photos is seldom predicted\n", many,
                 photos.classes()[most].c_str(), few, photos.classes()[least].c_str());
}

tessera::Metadata metadata_of(const PhotoSet& photos, const tessera::AnyModel& model, double accuracy) {
  std::string labels = "[";
  for (const std::string& label : photos.classes()) labels += (labels.size() > 1 ? ", " : "") + json_text(label);
  return {{"model", std::string(model.name())}, {"labels", labels + ']'}, {"held_out_accuracy", format("%.4f", accuracy)}};
}

std::unique_ptr<Learner> make_learner(const Options& options, const tessera::TensorFile& file, const tessera::AnyModel& model,
                                      int classes) {
  if (options.layers == "head")
    return std::make_unique<HeadLearner>(model, file, options.state, classes, options.threads,
                                         tessera::LinearHeadOptions{.decay = options.decay, .smoothing = options.smoothing});
  return make_network_learner(model.facts().network.name, {.classes = classes,
                                                           .threads = options.threads,
                                                           .from = &file,
                                                           .state = options.state,
                                                           .optimiser = {.weight_decay = options.decay},
                                                           .layer_decay = options.layer_decay,
                                                           .smoothing = options.smoothing,
                                                           .seed = options.seed});
}

void run(const Options& options, const tessera::TensorFile& file, const tessera::AnyModel& model) {
  const tessera::Shape input = model.input();
  PhotoSetOptions how{.threads = options.threads, .program = "finetune"};
  if (options.as_stored) how.image.orientation = tessera::Orientation::as_stored;
  how.cache = {.bytes = static_cast<std::size_t>(options.cache) << 20, .shorter_side = 2 * std::max(input.height, input.width)};
  PhotoSet photos(options.photos, how);
  const auto [training, testing] = photos.split(options.held_out, options.seed);
  const int classes = static_cast<int>(photos.classes().size());
  std::printf("%zu photos of %d classes, %zu to learn from, %zu held out, %zu left out\n", photos.count(), classes, training.numbers.size(),
              testing.numbers.size(), photos.left_out());
  warn_of_imbalance(photos);

  tessera::BatchLoaderOptions plain{.shape = input,
                                    .classes = classes,
                                    .how = model.preprocessing(),
                                    .batch = options.examples_a_batch,
                                    .threads = options.threads,
                                    .seed = options.seed,
                                    .shuffle = false};
  plain.augmentation = augmentation("none", input).first;
  tessera::BatchLoaderOptions changed = plain;
  std::tie(changed.augmentation, changed.mixing) = augmentation(options.augment, input);
  changed.shuffle = true;
  tessera::BatchLoader as_seen(photos.cache(), training.numbers, training.labels, plain);
  tessera::BatchLoader held_out(photos.cache(), testing.numbers, testing.labels, plain);
  tessera::BatchLoader examples_to_learn(photos.cache(), training.numbers, training.labels, changed);

  const std::unique_ptr<Learner> learner = make_learner(options, file, model, classes);
  TrainingRun training_run(*learner, examples_to_learn, held_out,
                           {.epochs = options.epochs,
                            .rate = options.rate,
                            .state_path = options.out + ".run",
                            .description = describe_run(options, photos, model),
                            .save_seconds = options.save_every});
  if (training_run.resume())
    std::printf("goes on after epoch %d\n", training_run.epoch());
  else
    learner->look_at(as_seen);

  training_run.train([&](const TrainingRun& now, double seconds) {
    const EpochRecord& record = now.history().back();
    std::printf("epoch %3d of %d  loss %.4f  held out: loss %.4f, accuracy %6.2f %%  %d:%02d left\n", now.epoch(), options.epochs,
                record.loss, record.held_out_loss, 100 * record.accuracy, static_cast<int>(seconds) / 60, static_cast<int>(seconds) % 60);
    std::fflush(stdout);
  });

  const double accuracy = training_run.history()[static_cast<std::size_t>(training_run.best())].accuracy;
  learner->write(training_run.best_weights(), options.out, metadata_of(photos, model, accuracy));
  write_curves(options.out + ".csv", training_run.history());
#ifdef TESSERA_EXAMPLES_CAIRO
  draw_curves(options.out + ".png", training_run.history());
#else
  std::fputs("finetune: no curves are drawn: this program was built without Cairo (Debian: libcairo2-dev)\n", stderr);
#endif
  training_run.remove_state();
  std::printf("%s: epoch %d, %.2f %% of the %zu photos held out\n", options.out.c_str(), training_run.best() + 1, 100 * accuracy,
              testing.numbers.size());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Trains a checkpoint for other classes, from photos whose folders are called as their classes", "finetune");
  Options options;
  app.add_option("PHOTOS", options.photos, "folders of class folders, tar archives of them, or CIFAR-10's binary files")->required();
  app.add_option("--from", options.weights, "checkpoint file, or the name of a model")->required()->type_name("FILE");
  app.add_option("--out", options.out, "the file to write; curves go to FILE.csv and FILE.png, the run's state to FILE.run")
      ->required()
      ->type_name("FILE");
  app.add_option("--model", options.model, "network or published checkpoint; without it what the file says or fits")->type_name("NAME");
  app.add_option("--state", options.state, "which of several sets of weights in the file, such as model_ema")->type_name("PLACE");
  app.add_option("--epochs", options.epochs, "how often each photo is seen")
      ->check(CLI::Range(1, 10'000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--batch", options.examples_a_batch, "photos in a step")
      ->check(CLI::Range(1, 4096))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--rate", options.rate, "highest learning rate of AdamW (default: 3e-3 for the head, 1e-3 for all layers)")
      ->check(CLI::PositiveNumber);
  app.add_option("--decay", options.decay, "weight decay")->check(CLI::NonNegativeNumber)->capture_default_str();
  app.add_option("--layers", options.layers, "what is trained: the head alone, or all layers")
      ->check(CLI::IsMember({"head", "all"}))
      ->capture_default_str();
  app.add_option("--layer-decay", options.layer_decay, "with all layers: each learns so much less than the one after it")
      ->check(CLI::Range(0.1, 1.0))
      ->capture_default_str();
  app.add_option("--smoothing", options.smoothing, "label smoothing")->check(CLI::Range(0.0, 0.9))->capture_default_str();
  app.add_option("--augment", options.augment, "changes of photos: none, light, strong")
      ->check(CLI::IsMember({"none", "light", "strong"}))
      ->capture_default_str();
  app.add_option("--held-out", options.held_out, "share of the photos of each class that is not learned from")
      ->check(CLI::Range(0.01, 0.9))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "another seed gives another split, order and changes")->capture_default_str();
  app.add_option("--cache", options.cache, "decoded photos that are kept in memory, in MiB")
      ->check(CLI::Range(0, 1 << 20))
      ->type_name("MIB")
      ->capture_default_str();
  app.add_option("--save-every", options.save_every, "how often the run's state is written within an epoch")
      ->check(CLI::NonNegativeNumber)
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_option("--threads", options.threads, "threads that compute, and as many that decode ahead")
      ->check(CLI::Range(1, 1024))
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--as-stored", options.as_stored, "do not turn photos as their camera says");
  app.footer(examples);
  int status = exit_success;
  if (!parse_arguments(app, argc, argv, status)) return status;
  if (options.rate == 0) options.rate = options.layers == "head" ? 3e-3 : 1e-3;
  std::unique_ptr<const tessera::AnyModel> model;
  tessera::TensorFile file;
  try {
    find_source(options);
    file = tessera::read_tensors(options.weights);
    model = load_model(options);
    if (model->facts().network.head_inputs == 0) throw tessera::Error(std::string(model->name()) + " has no classifier");
    if (!model->input().fixed())
      throw tessera::Error(std::string(model->name()) + " takes images of any size, expected a network with a fixed size");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "finetune: %s\n", error.what());
    return exit_usage;
  }
  try {
    run(options, file, *model);
    return exit_success;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "finetune: %s\n", error.what());
    return exit_failure;
  }
}
