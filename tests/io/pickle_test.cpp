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
  CHECK(p.integers(p.value(p.tensors()[0].extents), "") == Extents{2, 3});
  CHECK(p.integers(p.value(p.tensors()[0].strides), "") == Extents{1, 3});
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

TEST_CASE("Opcodes of every protocol give their values", "[io]") {
  using namespace pickle;
  const struct {
    const char* name;
    std::string code;
    PickleKind kind;
    std::int64_t number;
    std::string_view text;
  } opcodes[] = {{"INT", "I-12\n", PickleKind::integer, -12, ""},
                 {"INT of a bool", "I01\n", PickleKind::boolean, 1, ""},
                 {"LONG", "L12L\n", PickleKind::integer, 12, ""},
                 {"LONG of many digits", "L1234567890123456789L\n", PickleKind::opaque, 0, ""},
                 {"FLOAT", "F1.0\n", PickleKind::opaque, 0, ""},
                 {"STRING", "S'a'\n", PickleKind::text, 0, "a"},
                 {"UNICODE", "Va\n", PickleKind::text, 0, "a"},
                 {"BINSTRING", "T" + raw(1) + "a", PickleKind::text, 0, "a"},
                 {"SHORT_BINSTRING", "U\1a", PickleKind::text, 0, "a"},
                 {"SHORT_BINUNICODE", "\x8c\1a", PickleKind::text, 0, "a"},
                 {"BINUNICODE8", "\x8d" + raw(std::uint64_t{1}) + "a", PickleKind::text, 0, "a"},
                 {"BINBYTES", "B" + raw(1) + "a", PickleKind::opaque, 0, ""},
                 {"SHORT_BINBYTES", "C\1a", PickleKind::opaque, 0, ""},
                 {"BINBYTES8", "\x8e" + raw(std::uint64_t{1}) + "a", PickleKind::opaque, 0, ""},
                 {"BYTEARRAY8", "\x96" + raw(std::uint64_t{1}) + "a", PickleKind::opaque, 0, ""},
                 {"LONG4", "\x8b" + raw(1) + "\xff", PickleKind::integer, -1, ""},
                 {"DICT", "(NNd", PickleKind::dict, 0, ""},
                 {"LIST", "(NNl", PickleKind::list, 0, ""},
                 {"PUT and GET", "K\7p0\n0g0\n", PickleKind::integer, 7, ""},
                 {"MEMOIZE",
                  "K\7\x94"
                  "0h" +
                      std::string(1, '\0'),
                  PickleKind::integer, 7, ""},
                 {"a memo that begins at 1",
                  "K\7q\1"
                  "0h\1",
                  PickleKind::integer, 7, ""},
                 {"POP", "K\7N0", PickleKind::integer, 7, ""},
                 {"POP of a mark", "K\7(0", PickleKind::integer, 7, ""},
                 {"POP_MARK", "K\7(NN1", PickleKind::integer, 7, ""},
                 {"DUP",
                  "K\7"
                  "20",
                  PickleKind::integer, 7, ""},
                 {"FRAME", "\x95" + raw(std::uint64_t{2}) + "K\7", PickleKind::integer, 7, ""},
                 {"EMPTY_SET and ADDITEMS", "\x8f(NN\x90", PickleKind::opaque, 0, ""},
                 {"FROZENSET", "(NN\x91", PickleKind::opaque, 0, ""},
                 {"STACK_GLOBAL", text("os") + text("system") + "\x93", PickleKind::global, -1, "system"},
                 {"INST", "(ios\nsystem\n", PickleKind::opaque, 1, ""},
                 {"persistent object that is no storage", tuple(text("module")) + "Q", PickleKind::opaque, 0, ""}};
  for (const auto& [name, code, kind, number, text] : opcodes) {
    CAPTURE(name);
    const Pickle p = unpickle(code);
    CHECK(p.root().kind == kind);
    if (kind != PickleKind::opaque) CHECK(p.root().number == number);
    CHECK(p.root().text == text);
  }
}

TEST_CASE("Objects of unknown classes are neither built nor run, and say what they are", "[io]") {
  using namespace pickle;
  const std::string system = global("os", "system");
  for (const std::string& code : {system + tuple(text("true")) + 'R', system + ")\x81", system + ")}\x92", "(" + system + "o",
                                  system + ")R" + tuple(text("x")) + "b", system + ")R(NNu"}) {
    const Pickle p = unpickle(code);
    CHECK(p.root().kind == PickleKind::opaque);
    CHECK(p.describe(p.root()) == "an object of os.system");
  }
  // What an object makes is an object.
  CHECK(unpickle(system + ")R)R").root().kind == PickleKind::opaque);
}

TEST_CASE("Every way to write a tensor gives it", "[io]") {
  using namespace pickle;
  const auto first = [](const Pickle& p) { return p.tensors().at(0); };
  const std::string arguments = storage() + number(0) + numbers({2}) + numbers({1}) + '\x89' + ordered_dict;
  const std::string stateful = global("torch._utils", "_rebuild_parameter_with_state");
  CHECK(first(unpickle(stateful + tuple(tensor() + '\x88' + ordered_dict + dict(text("a") + number(1))) + 'R')).dtype == DType::f32);
  const std::string typed = global("torch._tensor", "_rebuild_from_type_v2");
  CHECK(first(unpickle(typed + tuple(rebuild + global("my", "Tensor") + tuple(arguments) + "}") + 'R')).dtype == DType::f32);
  const std::string untyped = storage("0", "UntypedStorage", 4) + number(0) + numbers({2}) + numbers({1}) + '\x89' + ordered_dict;
  const std::string third = global("torch._utils", "_rebuild_tensor_v3");
  CHECK(first(unpickle(third + tuple(untyped + global("torch", "uint16")) + 'R')).dtype == DType::u16);
  CHECK(first(unpickle(third + tuple(untyped + global("torch", "bfloat16") + "}") + 'R')).dtype == DType::bf16);
  CHECK(unpickle(third + tuple(untyped + global("torch", "float8_e4m3fn")) + 'R').root().kind == PickleKind::opaque);
  CHECK(contains(error_of([&] { unpickle(third + tuple(untyped + global("torch", "float32")) + 'R'); }), "not within the 1 elements"));
  CHECK(first(unpickle(rebuild + tuple(storage("0", "ComplexFloatStorage") + number(0) + numbers({2}) + numbers({1}) + "\x89)") + 'R'))
            .dtype == DType::foreign);
}

TEST_CASE("The only property of a tensor that is known is its sign", "[io]") {
  using namespace pickle;
  const auto with = [](const std::string& metadata) {
    const std::string arguments = storage() + number(0) + numbers({2}) + numbers({1}) + '\x89' + ordered_dict + metadata;
    return unpickle(rebuild + tuple(arguments) + 'R').tensors().at(0);
  };
  CHECK_FALSE(with("N").negated);
  CHECK_FALSE(with("}").negated);
  CHECK_FALSE(with(dict(text("neg") + '\x89')).negated);
  CHECK(with(dict(text("neg") + '\x88')).negated);
  CHECK(with(dict(text("neg") + '\x88' + text("conj") + '\x89')).dtype == DType::f32);
  for (const std::string& metadata : {dict(text("conj") + '\x88'), dict(text("neg") + number(1)), dict(text("x") + "N"),
                                      dict(number(1) + '\x88'), std::string("]"), number(1)}) {
    CHECK(with(metadata).dtype == DType::foreign);
    CHECK(with(metadata).has_property);
  }
}

TEST_CASE("An OrderedDict may be written as a list of pairs", "[io]") {
  using namespace pickle;
  const Pickle p =
      unpickle(global("collections", "OrderedDict") + tuple(list(tuple(text("a") + number(1)) + list(text("b") + number(2)))) + 'R');
  CHECK(p.root().kind == PickleKind::dict);
  CHECK(p.find(p.root(), "b")->number == 2);
}

TEST_CASE("A pickle ends at its stop", "[io]") {
  const SharedBytes bytes = shared(pickle::document("}") + "more");
  CHECK(Pickle(bytes.bytes, "f").size() == 4);
}
