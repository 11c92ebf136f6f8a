// SPDX-License-Identifier: MIT

#include "tessera/io/pickle.hpp"

#include "../catch.hpp"
#include "writers.hpp"

using namespace tessera;
using namespace tessera::test;
using detail::Pickle;
using detail::PickleKind;
using detail::PickleValue;

namespace {

Pickle unpickle(const std::string& value) {
  static std::vector<SharedBytes> kept;
  kept.push_back(shared(pickle::document(value)));
  return {kept.back().bytes, "f"};
}

}  // namespace

TEST_CASE("Constants of a pickle have their values", "[io]") {
  using namespace pickle;
  const Pickle p = unpickle(tuple("N\x88\x89" + ("K\xff" + ("M\xff\xff" + ("J" + raw(std::int32_t{-5})))) + number(-7) + "\x8a\x01\x80" +
                                  std::string("\x8a\0", 2) + "\x8a\x02\xff\x7f" + text("héllo") + "G12345678"));
  const std::vector<std::pair<PickleKind, std::int64_t>> expected{
      {PickleKind::none, 0},        {PickleKind::boolean, 1},     {PickleKind::boolean, 0},  {PickleKind::integer, 255},
      {PickleKind::integer, 65535}, {PickleKind::integer, -5},    {PickleKind::integer, -7}, {PickleKind::integer, -128},
      {PickleKind::integer, 0},     {PickleKind::integer, 32767}, {PickleKind::text, 0},     {PickleKind::opaque, 0}};
  REQUIRE(p.root().kind == PickleKind::tuple);
  REQUIRE(p.root().items.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    const PickleValue& value = p.value(p.root().items[i]);
    CHECK(value.kind == expected[i].first);
    CHECK(value.number == expected[i].second);
  }
  CHECK(p.value(p.root().items[10]).text == "héllo");
}

TEST_CASE("Containers are filled one by one and many at once", "[io]") {
  using namespace pickle;
  const Pickle p = unpickle(tuple("]Na" + list("NN") + ("}" + text("a") + number(1) + "s") +
                                  dict(text("b") + number(2) + text("b") + number(3)) + "N\x85" + "NN\x86" + "NNN\x87" + ")"));
  const auto item = [&](std::size_t i) -> const PickleValue& { return p.value(p.root().items[i]); };
  CHECK(item(0).items.size() == 1);
  CHECK(item(1).items.size() == 2);
  CHECK(p.find(item(2), "a")->number == 1);
  CHECK(p.find(item(2), "b") == nullptr);
  CHECK(p.find(item(3), "b")->number == 3);  // the last one counts
  for (const std::size_t n : {1, 2, 3}) CHECK(item(3 + n).items.size() == n);
  CHECK(item(7).items.empty());
}

TEST_CASE("The memo gives a value again, not a copy", "[io]") {
  using namespace pickle;
  const std::string zero(1, '\0');
  const Pickle p = unpickle(tuple("]q" + zero + "h" + zero + "r" + raw(1) + "j" + raw(1) + "Na"));
  CHECK(p.root().items[0] == p.root().items[1]);
  CHECK(p.root().items[1] == p.root().items[2]);
  CHECK(p.value(p.root().items[0]).items.size() == 1);
}

TEST_CASE("Tensors and parameters refer to their storage", "[io]") {
  using namespace pickle;
  const std::string view = tensor(storage("7", "HalfStorage", 12), number(2), numbers({2, 3}), numbers({1, 3}));
  const Pickle p =
      unpickle(tuple(view + global("torch._utils", "_rebuild_parameter") + tuple(view + '\x88' + ordered_dict) + 'R' +
                     global("torch._utils", "_rebuild_tensor") + tuple(storage("7", "HalfStorage", 12) + number(0) + ")" + ")") + 'R'));
  REQUIRE(p.tensors().size() == 3);
  REQUIRE(p.storages().size() == 1);
  CHECK(p.storages()[0].dtype == DType::f16);
  CHECK(p.storages()[0].count == 12);
  CHECK(p.tensors()[0].offset == 2);
  CHECK(p.tensors()[0].extents == Extents{2, 3});
  CHECK(p.tensors()[0].strides == Extents{1, 3});
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(p.value(p.root().items[i]).kind == PickleKind::tensor);
    CHECK(p.value(p.root().items[i]).number == static_cast<std::int64_t>(i));
  }
}

TEST_CASE("Objects beside the weights are passed over", "[io]") {
  using namespace pickle;
  const std::string arguments = global("argparse", "Namespace") + ")\x81" + dict(text("lr") + "G12345678") + 'b';
  const std::string metric = global("numpy.core.multiarray", "scalar") +
                             tuple(global("numpy", "dtype") + tuple(text("f8")) + 'R' + "}b" + global("_codecs", "encode") +
                                   tuple(text("12345678") + text("latin1")) + 'R') +
                             'R';
  const std::string module_dict = ordered_dict + dict(text("_metadata") + ordered_dict) + 'b';
  const Pickle p = unpickle(tuple(arguments + metric + module_dict));
  CHECK(p.value(p.root().items[0]).kind == PickleKind::opaque);
  CHECK(p.value(p.root().items[1]).kind == PickleKind::opaque);
  CHECK(p.value(p.root().items[2]).kind == PickleKind::dict);
}

TEST_CASE("A pickle ends at its stop", "[io]") {
  const SharedBytes bytes = shared(pickle::document("}") + "more");
  CHECK(Pickle(bytes.bytes, "f").size() == 4);
}
