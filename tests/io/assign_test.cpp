// SPDX-License-Identifier: MIT

#include "tessera/io/assign.hpp"

#include <sstream>

#include "../catch.hpp"
#include "files.hpp"

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
                              .add<std::int32_t>("whole", DType::i32, {1}, {1})
                              .file();
  CHECK(error_of([&] { assign(file, wanted); }) ==
        "f: found 4 tensors that do not fit the model (test, own names, 4 tensors)\n"
        "  misshapen: file 2×1, model 196×196\n"
        "  whole: file I32, model a floating-point type\n"
        "  missing: missing, model 2×3\n"
        "  extra.weight: surplus, file 1×1");
  CHECK(good.data() == nullptr);
}

TEST_CASE("A failed load leaves earlier numbers bound", "[io]") {
  Parameter p{1};
  const std::vector<NamedParameter> wanted{{"p", &p}};
  const LoadedParameters loaded = assign(Builder().f32("p", {1}, {7}).file(), wanted);
  CHECK_THROWS_AS(assign(Builder().f32("p", {2}, {8, 9}).file(), wanted), Error);
  CHECK(numbers(p) == std::vector<float>{7});
}

TEST_CASE("Only an absurdly long list of misfits is cut", "[io]") {
  Builder builder;
  for (int i = 0; i < 1002; ++i) builder.f32("t" + std::to_string(i), {1}, {0});
  const std::string error = error_of([&] { assign(builder.file(), {}); });
  CHECK(contains(error, "found 1002 tensors that do not fit"));
  CHECK(contains(error, "\n  t999: surplus, file 1\n  and 2 more"));
}

TEST_CASE("A network without a head ignores a file's, and says so", "[io]") {
  Parameter p{1};
  const std::vector<NamedParameter> wanted{{"p", &p}};
  const TensorFile file = Builder().f32("p", {1}, {1}).f32("head.weight", {1, 1}, {1}).f32("neck.weight", {1}, {1}).file();
  CHECK(contains(error_of([&] { assign(file, wanted); }), "found 1 tensor that does not fit"));
  const auto loaded = assign(file, wanted, {{"neck."}});
  CHECK(loaded.report.ignored == std::vector<std::string>{"head.weight", "neck.weight"});

  const std::vector<NamedParameter> with_head{{"p", &p}, {"head.bias", &p}};
  CHECK(contains(error_of([&] { assign(file, with_head, {{"neck."}}); }), "head.weight: surplus"));
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
