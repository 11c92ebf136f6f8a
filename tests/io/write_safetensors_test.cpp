// SPDX-License-Identifier: MIT

#include "tessera/io/write_safetensors.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "../catch.hpp"
#include "files.hpp"
#include "tessera/io/safetensors.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

TensorEntry entry(std::string name, DType type, Extents extents, const std::string& bytes) {
  Extents strides = detail::dense_strides(extents);
  return {std::move(name), type, std::move(extents), std::move(strides), {reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()}};
}
std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("What is written is read back bit for bit", "[io]") {
  const TemporaryFolder folder;
  const std::string bytes = "123", floats_ = raw({1.0F, -0.0F, 3e-40F}), wide = raw(std::int64_t{-7});
  const std::vector tensors{entry("u8", DType::u8, {3, 1}, bytes), entry("a \"name\"\n", DType::f32, {3}, floats_),
                            entry("scalar", DType::i64, {}, wide), entry("none", DType::f16, {0, 4}, "")};
  write_safetensors(folder / "f", tensors, {{"model", "Tiny"}, {"größe", "1×1"}});

  const TensorFile file = read_safetensors(folder / "f");
  CHECK(file.metadata == Metadata{{"model", "Tiny"}, {"größe", "1×1"}});
  REQUIRE(file.tensors.size() == 4);
  for (const TensorEntry& tensor : tensors) {
    const TensorEntry* const read = file.find(tensor.name);
    REQUIRE(read != nullptr);
    CHECK(read->dtype == tensor.dtype);
    CHECK(read->extents == tensor.extents);
    CHECK(std::equal(read->bytes.begin(), read->bytes.end(), tensor.bytes.begin(), tensor.bytes.end()));
    CHECK(reinterpret_cast<std::uintptr_t>(read->bytes.data()) % size_of(read->dtype) == 0);
  }
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("A strided tensor is written row-major", "[io]") {
  const TemporaryFolder folder;
  const std::string numbers = raw({0.0F, 1.0F, 2.0F, 3.0F, 4.0F, 5.0F});
  TensorEntry transposed = entry("t", DType::f32, {3, 2}, numbers);
  transposed.strides = {1, 3};
  write_safetensors(folder / "f", std::vector{transposed});
  CHECK(floats(read_safetensors(folder / "f").tensors[0]) == std::vector<float>{0, 3, 1, 4, 2, 5});
}

TEST_CASE("A file without tensors can be written", "[io]") {
  const TemporaryFolder folder;
  write_safetensors(folder / "f", {});
  CHECK(read_safetensors(folder / "f").tensors.empty());
}

TEST_CASE("A failed write leaves what was there", "[io]") {
  const TemporaryFolder folder;
  const auto path = folder.write("f", "old");
  const auto error = [&](const std::filesystem::path& to, const std::vector<TensorEntry>& tensors, const Metadata& metadata = {}) {
    return error_of([&] { write_safetensors(to, tensors, metadata); });
  };
  const TensorEntry a = entry("a", DType::f32, {0}, "");

  CHECK(contains(error(path, {a, a}), "f: cannot write: found two tensors called \"a\""));
  CHECK(contains(error(path, {entry("__metadata__", DType::f32, {0}, "")}), "found a tensor called \"__metadata__\""));
  CHECK(contains(error(path, {entry("\xff", DType::f32, {0}, "")}), "not UTF-8"));
  CHECK(contains(error(path, {a}, {{"k", "\xff"}}), "not UTF-8"));
  CHECK(contains(error(path, {a}, {{"k", "a"}, {"k", "b"}}), "found two texts called \"k\""));
  CHECK(contains(error(folder.path(), {a}), "cannot write: "));
  CHECK(contains(error(folder / "none" / "f", {a}), "cannot create"));
  CHECK(read_file(path) == "old");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("A write that runs out of room leaves what was there and no part of a file", "[io]") {
  const TemporaryFolder folder;
  const auto path = folder.write("f", "old");
  const std::string many(1 << 16, 'x');
  struct Limit {  // of the size of files
    rlimit before{};
    Limit() {
      std::signal(SIGXFSZ, SIG_IGN);
      getrlimit(RLIMIT_FSIZE, &before);
      const rlimit small{1000, before.rlim_max};
      setrlimit(RLIMIT_FSIZE, &small);
    }
    ~Limit() { setrlimit(RLIMIT_FSIZE, &before); }
  };
  const std::string error = error_of([&] {
    const Limit limit;
    write_safetensors(path, std::vector{entry("a", DType::u8, {1 << 16}, many)});
  });
  CHECK(contains(error, "f: cannot write: no space left, or the device failed"));
  CHECK(read_file(path) == "old");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("An existing file is replaced as a whole", "[io]") {
  const TemporaryFolder folder;
  const std::string one = raw(1.0F), two = raw(2.0F);
  write_safetensors(folder / "f", std::vector{entry("a", DType::f32, {1}, one)});
  const TensorFile old = read_safetensors(folder / "f");
  write_safetensors(folder / "f", std::vector{entry("a", DType::f32, {1}, two)});
  CHECK(floats(old.tensors[0]) == std::vector{1.0F});  // still mapped
  CHECK(floats(read_safetensors(folder / "f").tensors[0]) == std::vector{2.0F});
}
