// SPDX-License-Identifier: MIT

#include "tessera/io/assign.hpp"

#include <sstream>

#include "../catch.hpp"
#include "files.hpp"
#include "tessera/core/misfit_error.hpp"
#include "tessera/io/state_dict.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

// A file in memory, its tensors one after another from an aligned place (or one byte beside it).
class Builder {
 public:
  template <class T>
  Builder& add(std::string name, DType type, Extents extents, std::initializer_list<T> values) {
    tensors_.push_back({std::move(name), type, extents, detail::dense_strides(extents), {}});
    data_.push_back(raw<T>(values));
    return *this;
  }
  Builder& f32(std::string name, Extents extents, std::initializer_list<float> values) {
    return add(std::move(name), DType::f32, extents, values);
  }

  TensorFile file(std::size_t shift = 0) const {
    std::string all(shift, ' ');
    for (const std::string& bytes : data_) all += bytes;
    const SharedBytes memory = shared(all);
    TensorFile result{"f", "test", tensors_, {}, {memory.owner}};
    for (std::size_t i = 0, at = shift; i < data_.size(); at += data_[i++].size())
      result.tensors[i].bytes = memory.bytes.subspan(at, data_[i].size());
    return result;
  }

 private:
  std::vector<TensorEntry> tensors_;
  std::vector<std::string> data_;
};

std::vector<float> numbers(const Parameter& p) { return {p.data(), p.data() + p.size()}; }

}  // namespace

TEST_CASE("Aligned float32 is used where it lies in the file", "[io]") {
  Parameter weight{2, 2}, bias{2};
  const std::vector<NamedParameter> wanted{{"w", &weight}, {"b", &bias}};
  LoadedParameters loaded;
  const float* place = nullptr;
  {
    const TensorFile file = Builder().f32("b", {2}, {5, 6}).f32("w", {2, 2}, {1, 2, 3, 4}).file();
    loaded = assign(file, wanted);
    place = reinterpret_cast<const float*>(file.find("w")->bytes.data());
  }
  const LoadedParameters moved = std::move(loaded);
  CHECK(weight.data() == place);
  CHECK(numbers(weight) == std::vector<float>{1, 2, 3, 4});
  CHECK(numbers(bias) == std::vector<float>{5, 6});
  CHECK(moved.converted.empty());
  CHECK(moved.files.size() == 1);
  CHECK(moved.report.used == 2);
  CHECK(moved.report.converted == 0);
}

TEST_CASE("Unaligned, half-precision and strided tensors are converted into aligned memory", "[io]") {
  Parameter weight{2, 2}, half{2};
  const std::vector<NamedParameter> wanted{{"w", &weight}, {"h", &half}};
  TensorFile file = Builder().f32("w", {2, 2}, {1, 2, 3, 4}).add<std::uint16_t>("h", DType::f16, {2}, {0x3c00, 0xc000}).file(1);
  SECTION("unaligned") {
    const LoadedParameters loaded = assign(file, wanted);
    CHECK(numbers(weight) == std::vector<float>{1, 2, 3, 4});
    CHECK(numbers(half) == std::vector<float>{1, -2});
    CHECK(reinterpret_cast<std::uintptr_t>(weight.data()) % Buffer::alignment == 0);
    CHECK(loaded.report.converted == 2);
    CHECK(loaded.files.empty());
    std::ostringstream out;
    out << loaded.report;
    CHECK(out.str() == "f: test, own names, 2 tensors: 2 used (1 F32, 1 F16), 2 converted, 0 ignored");
  }
  SECTION("transposed") {
    file.tensors[0].strides = {1, 2};
    const LoadedParameters loaded = assign(file, wanted);
    CHECK(numbers(weight) == std::vector<float>{1, 3, 2, 4});
  }
}

TEST_CASE("A vector may come with leading axes of extent one", "[io]") {
  for (const Extents& extents : {Extents{3}, Extents{1, 3}, Extents{1, 1, 3}}) {
    Parameter alpha{3};
    const auto loaded = assign(Builder().f32("alpha", extents, {1, 2, 3}).file(), std::vector<NamedParameter>{{"alpha", &alpha}});
    CHECK(numbers(alpha) == std::vector<float>{1, 2, 3});
  }
  Parameter alpha{3};
  const auto error =
      error_of([&] { assign(Builder().f32("alpha", {3, 1}, {1, 2, 3}).file(), std::vector<NamedParameter>{{"alpha", &alpha}}); });
  CHECK(contains(error, "alpha: file 3×1, model 3"));
}

TEST_CASE("Everything that does not fit is listed at once and nothing is bound", "[io]") {
  Parameter good{1}, misshapen{196, 196}, missing{2, 3}, whole{1};
  const std::vector<NamedParameter> wanted{{"good", &good}, {"misshapen", &misshapen}, {"missing", &missing}, {"whole", &whole}};
  const TensorFile file = Builder()
                              .f32("good", {1}, {1})
                              .f32("misshapen", {2, 1}, {1, 2})
                              .f32("extra.weight", {1, 1}, {1})
                              .add<std::int32_t>("count", DType::i32, {1}, {1})
                              .add<std::int32_t>("whole", DType::i32, {1}, {1})
                              .file();
  CHECK(error_of([&] { assign(file, wanted); }) ==
        "f: found 4 tensors that do not fit the model (test, own names, 5 tensors)\n"
        "  misshapen: file 2×1, model 196×196\n"
        "  whole: file I32, model a floating-point type\n"
        "  missing: missing, model 2×3\n"
        "  extra.weight: surplus, file 1×1");
  CHECK(good.data() == nullptr);
  try {
    assign(file, wanted);
    FAIL();
  } catch (const MisfitError& error) {
    CHECK(error.kind() == ErrorKind::does_not_fit);
    CHECK(error.missing == std::vector<std::string>{"missing"});
    CHECK(error.surplus == std::vector<std::string>{"extra.weight"});
    REQUIRE(error.misshapen.size() == 1);
    CHECK(error.misshapen[0].found == Extents{2, 1});
  }
}

TEST_CASE("A failed load leaves earlier numbers bound", "[io]") {
  Parameter p{1};
  const std::vector<NamedParameter> wanted{{"p", &p}};
  const LoadedParameters loaded = assign(Builder().f32("p", {1}, {7}).file(), wanted);
  CHECK_THROWS_AS(assign(Builder().f32("p", {2}, {8, 9}).file(), wanted), Error);
  CHECK(numbers(p) == std::vector<float>{7});
}

TEST_CASE("A long list of misfits is cut", "[io]") {
  Builder builder;
  for (int i = 0; i < 1002; ++i) builder.f32("t" + std::to_string(i), {1}, {0});
  const std::string error = error_of([&] { assign(builder.file(), {}); });
  CHECK(contains(error, "found 1002 tensors that do not fit"));
  CHECK(contains(error, "\n  t7: surplus, file 1\n  and 994 more"));
}

TEST_CASE("A network without a head ignores a file's, and says so", "[io]") {
  Parameter p{1};
  const std::vector<NamedParameter> wanted{{"p", &p}};
  const TensorFile file = Builder().f32("p", {1}, {1}).f32("head.weight", {1, 1}, {1}).f32("neck.weight", {1}, {1}).file();
  CHECK(contains(error_of([&] { assign(file, wanted); }), "found 1 tensor that does not fit"));
  const auto loaded = assign(file, wanted, {.may_ignore = {"neck."}});
  CHECK(loaded.report.ignored == std::vector<std::string>{"head.weight", "neck.weight"});

  const std::vector<NamedParameter> with_head{{"p", &p}, {"head.bias", &p}};
  CHECK(contains(error_of([&] { assign(file, with_head, {.may_ignore = {"neck."}}); }), "head.weight: surplus"));
}

TEST_CASE("Translated names are shown beside the file's own", "[io]") {
  Parameter p{1};
  const std::vector<NamedParameter> wanted{{"stem.proj.weight", &p}};
  const std::string error = error_of([&] { assign(Builder().f32("patch_embed.proj.weight", {2}, {1, 1}).file(), wanted); });
  CHECK(contains(error, "stem.proj.weight (in the file patch_embed.proj.weight): file 2, model 1"));
}

TEST_CASE("Two tensors that lead to one key are refused", "[io]") {
  Parameter p{1};
  const std::vector<NamedParameter> wanted{{"stem.proj.weight", &p}};
  const auto file = Builder().f32("stem.proj.weight", {1}, {1}).f32("patch_embed.proj.weight", {1}, {1}).file();
  CHECK(contains(error_of([&] { assign(file, wanted); }),
                 "stem.proj.weight (in the file patch_embed.proj.weight): twice in the file, first as stem.proj.weight"));
}

TEST_CASE("A shared weight may be listed under each of its keys or only some", "[io]") {
  Parameter shared_weight{2};
  const std::vector<NamedParameter> wanted{{"blocks.0.w", &shared_weight}, {"blocks.1.w", &shared_weight}};

  const auto both = assign(Builder().f32("blocks.0.w", {2}, {1, 2}).f32("blocks.1.w", {2}, {1, 2}).file(), wanted);
  CHECK(numbers(shared_weight) == std::vector<float>{1, 2});
  CHECK(both.report.used == 2);

  const auto second = assign(Builder().f32("blocks.1.w", {2}, {3, 4}).file(), wanted);
  CHECK(numbers(shared_weight) == std::vector<float>{3, 4});

  CHECK(contains(error_of([&] { assign(Builder().f32("blocks.0.w", {2}, {1, 2}).f32("blocks.1.w", {2}, {1, 3}).file(), wanted); }),
                 "blocks.1.w: other numbers than blocks.0.w, but the model shares one weight between them"));
  CHECK(contains(error_of([&] { assign(Builder().f32("x", {2}, {1, 2}).file(), wanted); }), "found 2 tensors"));
}

TEST_CASE("Two parameters may read one key", "[io]") {
  Parameter a{1}, b{1};
  const auto loaded = assign(Builder().f32("w", {1}, {4}).file(), std::vector<NamedParameter>{{"w", &a}, {"w", &b}});
  CHECK(numbers(a) == numbers(b));
  CHECK(loaded.report.used == 1);
}

namespace {

// A file with several sets of weights, each with two tensors.
struct Weight {
  Parameter weight{2}, bias{1};
  std::vector<NamedParameter> wanted{{"blocks.0.weight", &weight}, {"blocks.0.bias", &bias}};
};
class States : public detail::TensorStates {
 public:
  explicit States(std::vector<TensorFile> files) : files_(std::move(files)) {}
  TensorFile read(std::size_t state) const override { return files_[state]; }

 private:
  std::vector<TensorFile> files_;
};
TensorFile weights_of(const std::string& prefix, float number) {
  return Builder().f32(prefix + "blocks.0.weight", {2}, {number, number}).f32(prefix + "blocks.0.bias", {1}, {number}).file();
}
TensorFile with_states(const std::vector<std::pair<std::string, TensorFile>>& places) {
  std::vector<TensorFile> files;
  std::vector<TensorState> states;
  for (const auto& [place, file] : places) {
    files.push_back(file);
    states.push_back({place, file.tensors});
  }
  return detail::file_of_states("f", "test", std::move(states), std::make_shared<const States>(std::move(files)));
}

}  // namespace

TEST_CASE("The prefix is the one after which all of the network is", "[io]") {
  for (const std::string prefix : {"", "module.", "_orig_mod.module.", "timm_model.", "1.", "params/", "opt/target/", "a.b/c.d.e."}) {
    CAPTURE(prefix);
    Weight net;
    TensorFile file = weights_of(prefix, 3);
    const TensorFile beside = Builder().f32("0.mean", {3}, {0, 0, 0}).file();
    if (!prefix.empty()) file.tensors.push_back(beside.tensors[0]);
    const LoadedParameters loaded = assign(file, net.wanted);
    CHECK(numbers(net.weight) == std::vector<float>{3, 3});
    CHECK(loaded.report.prefix == prefix);
    CHECK(loaded.report.ignored.size() == (prefix.empty() ? 0 : 1));
  }
}

TEST_CASE("Of two prefixes the one of the lower rank is taken, and the other on request", "[io]") {
  const auto both = [](const std::string& first, const std::string& second) {
    TensorFile file = weights_of(first, 1);
    const TensorFile other = weights_of(second, 2);
    file.tensors.insert(file.tensors.end(), other.tensors.begin(), other.tensors.end());
    file.storage.push_back(other.storage[0]);
    return file;
  };
  Weight net;
  const TensorFile file = both("model_ema.", "model.");
  const LoadedParameters loaded = assign(file, net.wanted);
  CHECK(numbers(net.bias) == std::vector<float>{2});
  CHECK(loaded.report.passed_over == std::vector<std::string>{"names after \"model_ema.\""});
  const LoadedParameters other = assign(file, net.wanted, {.state = "model_ema"});
  CHECK(numbers(net.bias) == std::vector<float>{1});
  CHECK(contains(error_of([&] { assign(both("left.", "right."), net.wanted); }),
                 "f: found two sets of weights that fit, names after \"left.\" and names after \"right.\"; say which one to take"));
}

TEST_CASE("The set of weights that fits is taken, and says what it passed over", "[io]") {
  Weight net;
  SECTION("by fit") {
    const TensorFile file = with_states({{"model", Builder().f32("depth", {1}, {1}).file()}, {"anything", weights_of("", 4)}});
    const LoadedParameters loaded = assign(file, net.wanted);
    CHECK(numbers(net.bias) == std::vector<float>{4});
    CHECK(loaded.report.state == "anything");
    CHECK(loaded.report.passed_over.empty());
  }
  SECTION("by rank") {
    const TensorFile file = with_states({{"model_ema", weights_of("", 1)}, {"model", weights_of("module.", 2)}});
    const LoadedParameters loaded = assign(file, net.wanted);
    CHECK(numbers(net.bias) == std::vector<float>{2});
    CHECK(loaded.report.passed_over == std::vector<std::string>{"model_ema"});
    CHECK(contains(to_string(loaded.report), ", passed over \"model_ema\""));
    const LoadedParameters average = assign(file, net.wanted, {.state = "model_ema"});
    CHECK(numbers(net.bias) == std::vector<float>{1});
    CHECK(average.report.state == "model_ema");
    CHECK(contains(error_of([&] { assign(file, net.wanted, {.state = "ema"}); }),
                   "found no weights under \"ema\", did you mean \"model_ema\"?"));
    // Places are named with the prefix that the names have there.
    CHECK(contains(error_of([&] { assign(file, net.wanted, {.state = "anything"}); }),
                   "found no weights under \"anything\", expected one of \"model_ema\", \"model.module\""));
    const TensorFile alone = weights_of("", 1);
    CHECK(contains(error_of([&] { assign(alone, net.wanted, {.state = "ema"}); }),
                   "found no weights under \"ema\", expected no name: the file has one set of weights"));
  }
  SECTION("by rank, whatever wraps it") {
    const TensorFile file = with_states({{"student", weights_of("module.backbone.", 1)}, {"teacher", weights_of("backbone.", 2)}});
    const LoadedParameters loaded = assign(file, net.wanted);
    CHECK(loaded.report.state == "teacher");
  }
  SECTION("not without a rank") {
    const TensorFile file = with_states({{"best", weights_of("", 1)}, {"last", weights_of("", 2)}});
    CHECK(contains(error_of([&] { assign(file, net.wanted); }),
                   "f: found two sets of weights that fit, best and last; say which one to take, with the option .state = \"best\""));
    const LoadedParameters last = assign(file, net.wanted, {.state = "last"});
    CHECK(numbers(net.bias) == std::vector<float>{2});
  }
}

TEST_CASE("A tensor of a foreign type is an error only where it is needed", "[io]") {
  Weight net;
  TensorFile file = weights_of("", 1);
  TensorEntry foreign;
  foreign.name = "rng";
  foreign.dtype = DType::foreign;
  foreign.foreign_type = "F8_E4M3";
  file.tensors.push_back(foreign);
  const LoadedParameters loaded = assign(file, net.wanted);
  CHECK(loaded.report.ignored == std::vector<std::string>{"rng"});
  file.tensors[1].dtype = DType::foreign;
  file.tensors[1].foreign_type = "an object of torch._utils._rebuild_qtensor";
  CHECK(contains(error_of([&] { assign(file, net.wanted); }),
                 "\n  blocks.0.bias: file an object of torch._utils._rebuild_qtensor, model a floating-point type"));
}

TEST_CASE("Negated numbers are negated", "[io]") {
  Weight net;
  TensorFile file = weights_of("", 1);
  file.tensors[0].negated = true;
  const LoadedParameters loaded = assign(file, net.wanted);
  CHECK(numbers(net.weight) == std::vector<float>{-1, -1});
  CHECK(loaded.report.converted == 1);
}

TEST_CASE("The prefix that comes closest is named when none fits", "[io]") {
  Weight net;
  CHECK(contains(error_of([&] { assign(Builder().f32("encoder.blocks.0.bias", {1}, {1}).file(), net.wanted); }),
                 "; the names that begin with \"encoder.\" come closest: 1 of 2 tensors fit\n  blocks.0.weight: missing, model 2"));
  CHECK(contains(error_of([&] { assign(Builder().f32("other", {1}, {1}).file(), net.wanted); }), "; no tensor has a name of the model\n"));
}
