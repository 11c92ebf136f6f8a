// SPDX-License-Identifier: MIT
#include "tessera/load_any.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "catch.hpp"
#include "temporary_folder.hpp"
#include "tessera/load.hpp"
#include "tessera/save.hpp"
#include "tessera/threads/thread_pool_workers.hpp"
#include "tessera/vision/read_image.hpp"
#include "tessera/vision/top_k.hpp"

using namespace tessera;
using Catch::Matchers::Contains;

namespace {

const std::string models = TESSERA_MODELS, photos = TESSERA_PHOTOS;

// Two networks are enough to tell them apart, and compile quickly.
auto load_bundled(const std::string& name, const AnyOptions& options = {}) {
  return load_any<ResMlpCifar10, MixerCifar10>(models + '/' + name, options);
}

bool same(std::span<const float> a, std::span<const float> b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

std::span<const float> values(const AnyTensor& x) { return {x.data(), x.size()}; }

// Other classes, and fewer blocks, than the bundled networks.
using Pets = WithClasses<MixerCifar10, 37>;
struct Shallow : ResMlp<Shape{32, 32, 3}, 4, 96, 5, 10> {
  static constexpr std::string_view name = "shallow";
  static constexpr Preprocessing preprocessing = ResMlpCifar10::preprocessing;
};

}  // namespace

TEST_CASE("load_any recognises the network of a file and knows everything about it") {
  const auto model = load_bundled("resmlp_cifar10.safetensors");
  CHECK(model->name() == "resmlp_cifar10");
  CHECK(model->input() == Shape{32, 32, 3});
  CHECK(model->classes() == 10);
  CHECK(model->parameter_count() == 479530);
  CHECK(model->macs() == ResMlpCifar10::macs);
  CHECK(model->preprocessing() == ResMlpCifar10::preprocessing);
  CHECK(model->labels().size() == 10);
  CHECK(model->labels()[3] == "cat");
  CHECK(model->report().used > 0);
  CHECK(load_bundled("mixer_cifar10.safetensors")->name() == "mixer_cifar10");
}

TEST_CASE("AnyModel gives the bits that Model gives: scores, features, tokens and intermediate results") {
  const auto any = load_bundled("resmlp_cifar10.safetensors");
  const auto model = load<ResMlpCifar10>(models + "/resmlp_cifar10.safetensors");
  const Image image = read_image(photos + "/cat.jpg");
  const auto x = preprocess<ResMlpCifar10>(image);
  const AnyTensor prepared = any->preprocess(image);
  CHECK(same(values(prepared), {x.data(), x.size()}));
  const auto y = model(x);
  CHECK(same(values(any->scores(image)), {y.data(), y.size()}));
  CHECK(same(values(any->scores(prepared)), {y.data(), y.size()}));
  CHECK(any->scores(image).shape() == Shape{1, 1, 10});
  const auto features = model.features(x);
  CHECK(same(values(any->features(image)), {features.data(), static_cast<std::size_t>(features.size())}));
  CHECK(any->tokens(image).shape() == Shape{8, 8, 96});
  CHECK(any->intermediate(image, "blocks.3").shape() == Shape{8, 8, 96});
  CHECK(top_k(any->scores(image), any->labels(), 1)[0].label == "cat");
}

TEST_CASE("A precision is chosen while the program runs, among those that it was compiled with") {
  const std::string path = models + "/resmlp_cifar10.safetensors";
  const auto load = [&path](Precision precision) {
    return load_any<ResMlpCifar10, Int8<ResMlpCifar10>, MixerCifar10>(path, {.precision = precision});
  };
  const Image image = read_image(photos + "/cat.jpg");
  const auto x = preprocess<ResMlpCifar10>(image);
  const auto bytes = load(Precision::int8), floats = load(Precision::float32);
  CHECK(bytes->precision() == Precision::int8);
  CHECK(floats->precision() == Precision::float32);
  const auto want = Model<ResMlpCifar10, int8_engine>(read_weights<ResMlpCifar10>(path))(x);
  CHECK(same(values(bytes->scores(image)), {want.data(), want.size()}));
  const auto want_floats = Model<ResMlpCifar10>(read_weights<ResMlpCifar10>(path))(x);
  CHECK(same(values(floats->scores(image)), {want_floats.data(), want_floats.size()}));
  CHECK_THROWS_WITH(load_bundled("resmlp_cifar10.safetensors", {.precision = Precision::int8}), Contains("no networks of precision int8"));
  CHECK_THROWS_WITH(
      (load_any<ResMlpCifar10, Int8<ResMlpCifar10>, MixerCifar10>(models + "/mixer_cifar10.safetensors", {.precision = Precision::int8})),
      Contains("not compiled with"));
}

TEST_CASE("A self-test with products of bytes allows what they cost, and no more") {
  const std::string bundled = models + "/resmlp_cifar10.safetensors";
  const auto model = load<ResMlpCifar10, int8_engine>(bundled, {.self_test = true});
  const auto file = read_tensors(bundled);
  CHECK(self_test(model, file) > 1e-4);
  const SelfTest other{.seed = 1, .images = 1, .logits = {std::vector<float>(10, 1.0F)}, .tolerance = 1e-4F};
  const test::TemporaryFolder folder;
  const auto path = folder / "other.safetensors";
  save(read_weights<ResMlpCifar10>(bundled), path, {{"self_test", write_self_test(other)}});
  CHECK_THROWS_WITH((load<ResMlpCifar10, int8_engine>(path, {.self_test = true})), Contains("products of bytes: image 0"));
  CHECK_THROWS_WITH((load_any<Int8<ResMlpCifar10>>(path, {.precision = Precision::int8})), Contains("expected at most 5 %"));
}

TEST_CASE("Workers and batches do not change a bit") {
  const auto model = load_bundled("mixer_cifar10.safetensors");
  const AnyTensor x = model->preprocess(read_image(photos + "/cat.jpg"));
  const AnyTensor want = model->scores(x);
  ThreadPoolWorkers workers(3);
  CHECK(same(values(model->scores(x, workers)), values(want)));
  AnyBatch batch(5, x.shape());
  for (int image = 0; image < batch.count(); ++image) std::copy_n(x.data(), x.size(), batch[image].data());
  for (const AnyBatch& scores : {model->scores(batch), model->scores(batch, workers), model->scores(batch, workers)})
    for (int image = 0; image < batch.count(); ++image) CHECK(same({scores[image].data(), want.size()}, values(want)));
}

TEST_CASE("The names of intermediate results are a list, and a misspelt one is answered with the nearest") {
  const auto model = load_bundled("resmlp_cifar10.safetensors");
  const std::vector<std::string> names = model->intermediates();
  for (const char* const name : {"stem", "blocks.0", "blocks.5", "tokens", "features"})
    CHECK(std::find(names.begin(), names.end(), name) != names.end());
  CHECK_THROWS_WITH(model->intermediate(AnyTensor(model->input()), "bloks.0"), Contains("\"bloks.0\"") && Contains("\"blocks.0\""));
}

TEST_CASE("A network is asked for by name, and a misspelt name is answered with the nearest") {
  CHECK(load_bundled("resmlp_cifar10.safetensors", {.name = "resmlp_cifar10"})->name() == "resmlp_cifar10");
  CHECK_THROWS_WITH(load_bundled("resmlp_cifar10.safetensors", {.name = "resmlp_cifra10"}), Contains("did you mean \"resmlp_cifar10\""));
  CHECK_THROWS_WITH(load_bundled("resmlp_cifar10.safetensors", {.name = "resmlp_12_224"}), Contains("not compiled with"));
  CHECK_THROWS_WITH(load_bundled("resmlp_cifar10.safetensors", {.name = "mixer_b16_224.goog_in21k"}), Contains("not compiled with"));
  // The file is another network's.
  CHECK_THROWS_AS(load_bundled("resmlp_cifar10.safetensors", {.name = "mixer_cifar10"}), Error);
}

TEST_CASE("A file that fits none of the program's networks is refused") {
  CHECK_THROWS_AS(load_bundled("convmlp_cifar10.safetensors"), Error);
  CHECK_THROWS_AS(load_bundled("no_such_file.safetensors"), Error);
}

TEST_CASE("A checkpoint is loaded from memory and from a file that is open already") {
  const std::string path = models + "/mixer_cifar10.safetensors";
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  const AnyTensor x(Shape{32, 32, 3});
  const AnyTensor want = load_bundled("mixer_cifar10.safetensors")->scores(x);
  CHECK(same(values(load_any<MixerCifar10>(std::as_bytes(std::span(bytes)))->scores(x)), values(want)));
  CHECK(same(values(load_any<MixerCifar10>(read_tensors(path))->scores(x)), values(want)));
  CHECK_THROWS_WITH(load_any<MixerCifar10>(std::as_bytes(std::span(bytes)).first(100), {}, "an embedded file"),
                    Contains("an embedded file"));
}

TEST_CASE("A checkpoint with any number of classes loads without a type of its own, and gives the bits of that type") {
  Weights<Pets> weights;
  weights.allocate();
  for (const auto& named : weights.parameters())
    for (std::size_t i = 0; float& value : weights[named.key]) value = 0.1F * std::sin(static_cast<float>(i++ + named.key.size()));
  const test::TemporaryFolder folder;
  const auto path = folder / "pets.safetensors";
  save(weights, path);

  const auto model = load_any<ResMlpCifar10, MixerCifar10>(path);
  CHECK(model->name() == "mixer_cifar10");
  CHECK(model->classes() == 37);
  CHECK(model->labels().size() == 37);
  CHECK(model->labels()[36] == "class 36");
  CHECK(model->parameter_count() == Pets::parameter_count);
  CHECK(model->macs() == Pets::macs);
  CHECK(model->summary() == summary<Pets>());
  CHECK(model->preprocessing() == MixerCifar10::preprocessing);
  const Image image = read_image(photos + "/cat.jpg");
  const auto want = Model<Pets>(weights)(preprocess<Pets>(image));
  CHECK(same(values(model->scores(image)), {want.data(), want.size()}));
}

TEST_CASE("The config.json beside a checkpoint gives labels and preprocessing, if it is about as many classes") {
  const test::TemporaryFolder folder;
  Weights<Pets> weights;
  weights.allocate();
  save(weights, folder / "pets.safetensors");
  std::string names;
  for (int i = 0; i < 37; ++i) names += (i == 0 ? "\"pet " : ", \"pet ") + std::to_string(i) + '"';
  const auto write = [&](const std::string& classes) {
    std::ofstream(folder / "config.json") << "{\"architecture\": \"mixer_cifar10\", \"num_classes\": " << classes << ", \"label_names\": ["
                                          << (classes == "37" ? names : "\"a\", \"b\"")
                                          << "], \"pretrained_cfg\": {\"mean\": [0.5, 0.5, 0.5], \"std\": [0.25, 0.25, 0.25], "
                                             "\"interpolation\": \"bicubic\", \"crop_pct\": 1.0, \"num_classes\": "
                                          << classes << "}}";
  };
  write("37");
  const auto model = load_any<MixerCifar10>(folder / "pets.safetensors");
  CHECK(model->labels()[36] == "pet 36");
  CHECK(model->preprocessing().deviation[0] == 0.25F);
  const auto without = load_any<MixerCifar10>(folder / "pets.safetensors", {.config = false});
  CHECK(without->labels()[36] == "class 36");
  CHECK(without->preprocessing() == MixerCifar10::preprocessing);
  write("2");
  CHECK(load_any<MixerCifar10>(folder / "pets.safetensors")->labels()[36] == "class 36");
}

TEST_CASE("A deep network's checkpoint is not taken for the shallow one whose tensors it has, too") {
  CHECK(load_any<Shallow, ResMlpCifar10>(models + "/resmlp_cifar10.safetensors")->name() == "resmlp_cifar10");
}

TEST_CASE("An image of another shape than the network's is refused") {
  const auto model = load_bundled("resmlp_cifar10.safetensors");
  CHECK_THROWS_WITH(model->scores(AnyTensor(Shape{31, 32, 3})), Contains("31×32×3") && Contains("32×32×3"));
}
