// SPDX-License-Identifier: MIT
//
// Trains one of the small networks from scratch:  train --model resmlp_cifar10 --data cifar10/train.tar.gz --test cifar10/test.tar.gz
// --out resmlp.safetensors.  docs/training.md is the guide. The recipe is that of examples/train/train.py.

#include <cstdio>

#include "arguments.hpp"
#include "model_options.hpp"
#include "network_learner.hpp"
#include "photo_set.hpp"
#include "training_run.hpp"

namespace {

constexpr const char* examples = R"(Examples:
  train --model resmlp_cifar10 --data cifar10/train.tar.gz --test cifar10/test.tar.gz --out resmlp.safetensors
  train --model mixer_cifar10 --data data_batch_1.bin data_batch_2.bin --test test_batch.bin --out mixer.safetensors --epochs 5

A run that was stopped goes on when the same command is given again.

Exit status: 0; 1 if the images or the output are no use; 2 for wrong arguments.)";

struct Options {
  std::string model, out;
  std::vector<std::string> data, test;
  int epochs = 30, batch = 128, threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  double rate = 2e-3, muon_rate = 3e-3, decay = 0.05, cutmix = 0.3, average = 0.998, drop_path = 0, save_every = 30;
  std::uint64_t seed = 0;
};

LabelledPhotos all_of(const PhotoSet& photos) {
  LabelledPhotos all;
  for (std::size_t k = 0; k < photos.classes().size(); ++k)
    for (const std::size_t i : photos.photos(k)) all.numbers.push_back(i), all.labels.push_back(static_cast<int>(k));
  return all;
}

tessera::NetworkInfo info_of(const std::string& name) {
  for (const TrainedNetwork& known : trained_table())
    if (known.name == name) return known.info;
  std::vector<std::string_view> names;
  for (const TrainedNetwork& known : trained_table()) names.push_back(known.name);
  throw tessera::Error("--model " + name + ": found no network of that name that this program can train" +
                       tessera::detail::did_you_mean(name, names));
}

void run(const Options& options, const tessera::NetworkInfo& network) {
  const PhotoSetOptions how{.threads = options.threads, .program = "train"};
  PhotoSet training(options.data, how), testing(options.test, how);
  if (training.classes() != testing.classes())
    throw tessera::Error("found other classes in the test images than in the training images, expected the same");
  const int classes = static_cast<int>(training.classes().size());
  const LabelledPhotos to_learn = all_of(training), to_test = all_of(testing);
  std::printf("%s: %zu images of %d classes, %zu to test with\n", options.model.c_str(), to_learn.numbers.size(), classes,
              to_test.numbers.size());

  tessera::BatchLoaderOptions plain{.shape = network.input,
                                    .classes = classes,
                                    .how = network.preprocessing,
                                    .augmentation = {.crop = tessera::RandomCrop::none, .flip = 0},
                                    .batch = options.batch,
                                    .threads = options.threads,
                                    .seed = options.seed,
                                    .shuffle = false};
  tessera::BatchLoaderOptions changed = plain;
  changed.augmentation = {.crop = tessera::RandomCrop::shifted, .rim = 4};
  changed.mixing = {.cutmix = 1, .probability = options.cutmix};
  changed.shuffle = true;
  tessera::BatchLoader examples_to_learn(training.cache(), to_learn.numbers, to_learn.labels, changed);
  tessera::BatchLoader held_out(testing.cache(), to_test.numbers, to_test.labels, plain);

  const std::unique_ptr<Learner> learner =
      make_network_learner(options.model, {.classes = classes,
                                           .threads = options.threads,
                                           .optimiser = {.method = tessera::Method::muon, .weight_decay = options.decay},
                                           .muon_rate = options.muon_rate / options.rate,
                                           .average = options.average,
                                           .drop_path = options.drop_path,
                                           .seed = options.seed});
  const std::string description =
      format("network %s\nimages %zu, %zu\nepochs %d\nbatch %d\nseed %llu\n", options.model.c_str(), to_learn.numbers.size(),
             to_test.numbers.size(), options.epochs, options.batch, static_cast<unsigned long long>(options.seed)) +
      format("rates %g, %g\ndecay %g\ncutmix %g\naverage %g\ndrop path %g\n", options.rate, options.muon_rate, options.decay,
             options.cutmix, options.average, options.drop_path);
  TrainingRun training_run(*learner, examples_to_learn, held_out,
                           {.epochs = options.epochs,
                            .rate = options.rate,
                            .warm_up = 1.0 / 15,
                            .state_path = options.out + ".run",
                            .description = description,
                            .save_seconds = options.save_every,
                            .keep_last = true});
  if (training_run.resume()) std::printf("goes on after epoch %d\n", training_run.epoch());
  training_run.train([&](const TrainingRun& now, double seconds) {
    const EpochRecord& record = now.history().back();
    std::printf("epoch %3d of %d  loss %.4f  test: loss %.4f, accuracy %6.2f %%  %d:%02d left\n", now.epoch(), options.epochs, record.loss,
                record.held_out_loss, 100 * record.accuracy, static_cast<int>(seconds) / 60, static_cast<int>(seconds) % 60);
    std::fflush(stdout);
  });

  const double accuracy = training_run.history().back().accuracy;
  std::string labels = "[";
  for (const std::string& label : training.classes()) labels += (labels.size() > 1 ? ", " : "") + json_text(label);
  learner->write(training_run.best_weights(), options.out,
                 {{"model", options.model}, {"labels", labels + ']'}, {"test_accuracy", format("%.4f", accuracy)}});
  write_curves(options.out + ".csv", training_run.history());
  training_run.remove_state();
  std::printf("%s: test accuracy %.2f %%\n", options.out.c_str(), 100 * accuracy);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Trains a network from scratch, on images whose folders are called as their classes", "train");
  Options options;
  app.add_option("--model", options.model, "the network")->required()->type_name("NAME");
  app.add_option("--data", options.data, "folders of class folders, tar archives of them, or CIFAR-10's binary files")->required();
  app.add_option("--test", options.test, "the same, to test with after each epoch")->required();
  app.add_option("--out", options.out, "the file to write; the curves go to FILE.csv, the run's state to FILE.run")
      ->required()
      ->type_name("FILE");
  app.add_option("--epochs", options.epochs, "how often each image is seen")
      ->check(CLI::Range(1, 10'000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--batch", options.batch, "images in a step")->check(CLI::Range(1, 4096))->type_name("N")->capture_default_str();
  app.add_option("--rate", options.rate, "highest learning rate of AdamW")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--muon-rate", options.muon_rate, "highest learning rate of Muon")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--decay", options.decay, "weight decay")->check(CLI::NonNegativeNumber)->capture_default_str();
  app.add_option("--cutmix", options.cutmix, "probability that a batch is mixed")->check(CLI::Range(0.0, 1.0))->capture_default_str();
  app.add_option("--average", options.average, "decay of the average of the weights; 0: none")
      ->check(CLI::Range(0.0, 0.99999))
      ->capture_default_str();
  app.add_option("--drop-path", options.drop_path, "stochastic depth of the last block")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "another seed gives other weights, order and changes")->capture_default_str();
  app.add_option("--save-every", options.save_every, "how often the run's state is written within an epoch")
      ->check(CLI::NonNegativeNumber)
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_option("--threads", options.threads, "threads that compute, and as many that decode ahead")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.footer(examples);
  int status = exit_success;
  if (!parse_arguments(app, argc, argv, status)) return status;
  tessera::NetworkInfo network;
  try {
    network = info_of(options.model);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "train: %s\n", error.what());
    return exit_usage;
  }
  try {
    run(options, network);
    return exit_success;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "train: %s\n", error.what());
    return exit_failure;
  }
}
