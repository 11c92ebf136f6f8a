// SPDX-License-Identifier: MIT
#pragma once

// PyTorch checkpoints whose zip archive is in order and whose pickle is not.

#include "defects.hpp"
#include "writers.hpp"

namespace tessera::test {

inline std::vector<Defect> pickle_defects() {
  using namespace pickle;
  const std::string w = text("w");
  const std::string none = "N", yes = "\x88", one = number(1), zero = number(0), two = number(2);
  const std::string size2 = numbers({2}), stride1 = numbers({1});
  const std::int64_t huge = std::int64_t{1} << 62;

  std::vector<Defect> defects;
  const auto add = [&](const char* name, const std::string& file, const char* message) { defects.push_back({name, file, message}); };
  // A defect of one value, which stands under "w" in a state dict.
  const auto value = [&](const char* name, const std::string& opcodes, const char* message) {
    add(name, pth_with(dict(w + opcodes)), message);
  };

  add("empty pickle", pth(""), "found 0 more bytes, expected 1");
  add("one byte", pth("\x80"), "found 0 more bytes, expected 1");
  add("no opcodes", pth("\x80\x02"), "found 0 more bytes, expected 1");
  add("only a stop", pth("\x80\x02."), "found 0 values and 0 marks at the end");
  add("protocol 6", pth("\x80\x06}."), "found protocol 6, expected 0 to 5");
  add("protocol 255", pth("\x80\xff}."), "found protocol 255");
  add("frame longer than the pickle", pth("\x80\x04\x95" + raw(std::uint64_t{3}) + "}."), "found a frame of 3 bytes, but only 2 follow");
  add("frame of all ones", pth("\x80\x04\x95" + raw(~std::uint64_t{0}) + "}."), "found a frame of 18446744073709551615 bytes");
  add("frame cut", pth("\x80\x04\x95\1\1"), "found 2 more bytes, expected 8");
  add("protocol twice", pth("\x80\x02\x80\x02}."), "found opcode 128");
  add("no stop", pth("\x80\x02}"), "found 0 more bytes");
  add("bytes after the stop", pth("\x80\x02}.x"), "found 1 bytes after the end of the pickle");
  add("two pickles", pth(document("}") + document("}")), "bytes after the end of the pickle");
  add("two values at the end", pth_with("}}"), "found 2 values and 0 marks at the end");
  add("open mark at the end", pth_with("}("), "found 1 values and 1 marks at the end");
  add("text instead of a dict", pth_with(w),
      "found a text, expected a state dict: save its numbers in Python with torch.save(model.state_dict()");
  add("list instead of a dict", pth_with("]"), "found a list, expected a state dict");
  add("tensor instead of a dict", pth_with(tensor()), "found a tensor, expected a state dict");
  add("None instead of a dict", pth_with("N"), "found None, expected a state dict");
  add("object instead of a dict", pth_with(global("argparse", "Namespace") + ")\x81"),
      "found an object of argparse.Namespace, a whole model and no state dict: save");
  add("dict without tensors", pth_with(dict(text("epoch") + one)), "found a dict without tensors (\"epoch\")");
  add("whole model under a key", pth_with(dict(text("model") + global("ultralytics.nn.tasks", "DetectionModel") + ")\x81")),
      "found a dict without tensors (\"model\"), and an object of ultralytics.nn.tasks.DetectionModel under \"model\"");
  std::string nested = dict(w + tensor());
  for (int i = 0; i < 9; ++i) nested = dict(text("model") + nested);
  add("wrapped too deep", pth_with(nested), "found a dict without tensors (\"model\")");
  add("tensor under a number", pth_with(dict(one + tensor())), "found a dict without tensors");
  add("tensor under None", pth_with(dict(none + tensor())), "found a dict without tensors");
  add("tensor twice", pth_with(dict(w + tensor() + w + tensor())), "found tensor \"w\" twice");

  // Opcodes that could reach outside of the pickle, and what is no opcode.
  const struct {
    const char* name;
    std::string code;
  } foreign[] = {{"PERSID", "Pa\n"},
                 {"EXT1", "\x82\1"},
                 {"EXT2", "\x83\1\1"},
                 {"EXT4", "\x84" + raw(1)},
                 {"NEXT_BUFFER", "\x97"},
                 {"READONLY_BUFFER", "\x98"},
                 {"an unassigned opcode", "\xff"},
                 {"a zero byte", std::string(1, '\0')}};
  for (const auto& [name, code] : foreign) value((std::string("opcode ") + name).c_str(), code, "which no state dict needs");

  value("INT of a letter", "Ia\n", "found \"a\", expected decimal digits");
  value("INT of nothing", "I\n", "found \"\", expected decimal digits");
  value("INT without an end", "I1", "found no end of a line");
  value("STRING without quotation marks", "Sa\n", "expected one in quotation marks");
  value("STRING of one quotation mark", "S'\n", "expected one in quotation marks");
  value("GET of a negative memo", "g-1\n", "found a negative memo");
  value("GET of nothing", "g5\n", "found memo 5, expected less than 0");
  value("MEMOIZE of nothing", "(\x94", "found no value on the stack");
  value("memo with a hole", "Nq\1h" + std::string(1, '\0'), "found memo 0, which holds nothing");
  value("SHORT_BINUNICODE cut", "\x8c\xff", "expected 255");
  value("BINUNICODE8 of all ones", "\x8d" + raw(~std::uint64_t{0}), "expected 18446744073709551615");
  value("BINBYTES8 of all ones", "\x8e" + raw(~std::uint64_t{0}), "expected 18446744073709551615");
  value("BYTEARRAY8 of all ones", "\x96" + raw(~std::uint64_t{0}), "expected 18446744073709551615");
  value("BINBYTES of 4 GB", "B" + raw(~std::uint32_t{0}), "expected 4294967295");
  value("LONG4 of 4 GB", "\x8b" + raw(~std::uint32_t{0}), "expected 4294967295");
  value("DICT with a key alone", "(Nd", "found a key without a value");
  value("ADDITEMS to a list", "](\x90", "found a list as what is added to, expected an object");
  value("FROZENSET without a mark", "N\x91N", "found ");
  value("STACK_GLOBAL of a number", text("os") + one + "\x93", "found an integer as an argument, expected a text");
  value("STACK_GLOBAL of one text", "(" + text("os") + "\x93", "found 0 values on the stack, expected 1");
  value("NEWOBJ_EX of nothing", "(\x92", "found 0 values on the stack, expected 2");
  value("NEWOBJ of None", "N)\x81", "found None as an argument, expected a class or function");
  value("OBJ without a class", "(o", "found an object without a class");
  value("INST without a mark", "ios\nsystem\n", "found ");
  value("OrderedDict of a number", global("collections", "OrderedDict") + tuple(one) + "R",
        "found an integer as the pairs of an OrderedDict");
  value("OrderedDict of numbers", global("collections", "OrderedDict") + tuple(list(one)) + "R", "expected a key and a value");

  value("global os.system", global("os", "system") + tuple(text("true")) + 'R',
        "found a dict without tensors (\"w\"), and an object of os.system under \"w\"");
  value("global builtins.eval", global("builtins", "eval"), "found a dict without tensors");
  value("global posix.system", global("posix", "system"), "found a dict without tensors");
  value("global of a known module", global("torch", "load"), "found a dict without tensors");
  value("global of a known name elsewhere", global("evil", "OrderedDict"), "found a dict without tensors");
  value("global with a prefix of a known name", global("torch", "FloatStorageX"), "found a dict without tensors");
  value("global with an empty name", global("", ""), "found a dict without tensors");
  value("object of a class with control characters", global("\x1b[31m", "x") + ")R", "an object of \\x1b[31m.x under");
  value("global without an end of line", "ctorch", "found no end of a line");
  value("global with an endless name", 'c' + std::string(1000, 'x') + "\nx\n", "found no end of a line");

  value("text longer than the pickle", "X" + raw(std::uint32_t{1000}) + "a", "expected 1000");
  value("text of 4 GB", "X" + raw(~std::uint32_t{0}), "expected 4294967295");
  add("integer cut", pth("\x80\x02J\1\1"), "found 2 more bytes, expected 4");
  add("short integer cut", pth("\x80\x02M\1"), "found 1 more bytes, expected 2");
  add("byte cut", pth("\x80\x02K"), "found 0 more bytes, expected 1");
  add("real number cut", pth("\x80\x02G\1\1\1"), "found 3 more bytes, expected 8");
  add("long integer cut", pth("\x80\x02\x8a\x08\1"), "found 1 more bytes, expected 8");

  add("tuple without a mark", pth_with("t"), "found no mark on the stack");
  add("list items without a mark", pth_with("]e"), "found no mark on the stack");
  add("dict items without a mark", pth_with("}u"), "found no mark on the stack");
  add("pair on an empty stack", pth_with("\x86"), "found 0 values on the stack, expected 2");
  add("triple of two", pth_with("NN\x87"), "found 2 values on the stack, expected 3");
  add("single below a mark", pth_with("N(\x85"), "found 0 values on the stack, expected 1");
  add("append on an empty stack", pth_with("a"), "found 0 values on the stack, expected 1");
  add("append to nothing", pth_with("Na"), "found no value on the stack");
  add("append to None", pth_with("NNa"), "found None as what is added to, expected a list");
  add("append to a dict", pth_with("}Na"), "found a dict as what is added to, expected a list");
  add("append below a mark", pth_with("](Na"), "found no value on the stack");
  add("item of a list", pth_with("]NNs"), "found a list as what is added to, expected a dict");
  add("item of a tensor", pth_with(tensor() + "NNs"), "found a tensor as what is added to");
  add("key without a value", pth_with("}(Nu"), "found a key without a value");
  add("memo of nothing", pth("\x80\x02q" + std::string(1, '\0')), "found no value on the stack");
  add("memo out of order", pth_with("}q\x05"), "found memo 5, expected at most 0");
  add("memo of four billion", pth_with("}r" + raw(~std::uint32_t{0})), "found memo 4294967295, expected at most 0");
  add("memo that was not set", pth_with("h" + std::string(1, '\0')), "found memo 0, expected less than 0");
  add("wide memo that was not set", pth_with("}q" + std::string(1, '\0') + "j" + raw(1)), "found memo 1, expected less than 1");

  value("call of a text", w + ")R", "found a text as an argument, expected a class or function");
  value("call of None", "N)R", "found None as an argument, expected a class or function");
  value("call without a tuple", global("collections", "OrderedDict") + "NR", "found None as an argument, expected a tuple");
  value("call on an empty stack", "(R", "found 0 values on the stack, expected 1");
  value("call of a storage type", global("torch", "FloatStorage") + ")R", "found a dict without tensors");
  value("OrderedDict with two arguments", global("collections", "OrderedDict") + tuple("NN") + "R",
        "found OrderedDict with 2 arguments, expected 0");
  value("object of a function", rebuild + ")\x81", "and an object of torch._utils._rebuild_tensor_v2 under");
  value("attributes for a text", "NNb", "found None as the object that gets attributes");
  value("attributes for nothing", "(Nb", "found no value on the stack");

  value("storage that is no tuple", "NQ", "found None as an argument, expected a tuple");
  value("storage of nothing", ")Q", "found a storage described by 0 values");
  value("storage of four values", tuple(text("storage") + "NNN") + "Q", "found a storage described by 4 values");
  value("storage of seven values", tuple(text("storage") + "NNNNNN") + "Q", "found a storage described by 7 values");
  value("storage of an unknown kind", tuple("N") + "Q", "found None as the kind of a storage");
  const auto storage_of = [&](const std::string& kind, const std::string& type, const std::string& key, const std::string& device,
                              const std::string& count,
                              const std::string& view = "") { return tuple(kind + type + key + device + count + view) + 'Q'; };
  const std::string kind = text("storage"), type = global("torch", "FloatStorage"), key = text("0"), cpu = text("cpu");
  value("persistent object of another kind", storage_of(text("module"), type, key, cpu, two), "found a dict without tensors");
  value("storage whose kind is a number", storage_of(one, type, key, cpu, two), "found an integer as the kind of a storage");
  value("storage whose type is a text", storage_of(kind, text("FloatStorage"), key, cpu, two), "found a text as a storage's type");
  value("storage whose type is a function", storage_of(kind, rebuild, key, cpu, two), "found _rebuild_tensor_v2 as a storage's type");
  value("storage whose key is a number", storage_of(kind, type, one, cpu, two), "found an integer as a storage's key");
  value("storage whose device is None", storage_of(kind, type, key, none, two), "found None as a storage's device");
  value("storage whose count is a text", storage_of(kind, type, key, cpu, w), "found a text as a storage's size");
  value("storage of a negative count", storage_of(kind, type, key, cpu, number(-2)), "found -2 elements in storage");
  value("storage whose size overflows", storage_of(kind, type, key, cpu, number(huge)), "elements in storage \"0\"");
  value("storage with a view", storage_of(kind, type, key, cpu, two, tuple("")), "found a tuple as a storage's view");
  value("storage instead of a tensor", storage(), "found a dict without tensors");
  value("storage of two types", tensor() + text("v") + storage("0", "IntStorage"), "found storage \"0\" as 2 I32, expected 2 F32");
  value("storage of two sizes", tensor() + text("v") + storage("0", "FloatStorage", 1), "found storage \"0\" as 1 F32, expected 2 F32");

  value("tensor without arguments", rebuild + ")R", "_rebuild_tensor_v2 with 0 arguments");
  value("tensor with too many arguments", rebuild + tuple(storage() + "NNNNNNN") + "R", "_rebuild_tensor_v2 with 8 arguments");
  value("tensor whose storage is None", tensor(none, zero, size2, stride1), "found None as a tensor's storage, expected a storage");
  value("tensor whose storage is a tensor", tensor(tensor(), zero, size2, stride1), "found a tensor as a tensor's storage");
  value("tensor whose offset is a text", tensor(storage(), w, size2, stride1), "found a text as a tensor's offset");
  value("tensor whose offset is too long an integer", tensor(storage(), "\x8a\x09" + std::string(9, '\1'), size2, stride1),
        "found an object as a tensor's offset");
  value("tensor whose size is a list", tensor(storage(), zero, "]", stride1), "found a list as a tensor's size");
  value("tensor whose size holds a text", tensor(storage(), zero, tuple(w), stride1), "found a text as a tensor's size");
  value("tensor whose size holds a bool", tensor(storage(), zero, tuple(yes), stride1), "found a bool as a tensor's size");
  value("tensor whose stride is None", tensor(storage(), zero, size2, none), "found None as a tensor's stride");
  value("tensor with fewer strides than axes", tensor(storage(), zero, size2, ")"), "found a tensor of 1 axes with 0 strides");
  value("tensor with more strides than axes", tensor(storage(), zero, size2, numbers({1, 1})), "found a tensor of 1 axes with 2 strides");
  std::string many;
  for (int i = 0; i < 33; ++i) many += one;
  value("tensor of too many axes", tensor(storage(), zero, tuple(many), tuple(many)), "found 33 numbers as a tensor's size");
  value("tensor longer than its storage", tensor(storage(), zero, numbers({3}), stride1), "not within the 2 elements of storage \"0\"");
  value("tensor that starts behind its storage", tensor(storage(), two, numbers({1}), stride1), "from element 2, which is not within");
  value("tensor that ends behind its storage", tensor(storage(), one, size2, stride1), "from element 1, which is not within");
  value("empty tensor behind its storage", tensor(storage(), number(3), numbers({0}), stride1), "from element 3, which is not within");
  value("scalar in an empty storage", tensor(storage("0", "FloatStorage", 0), zero, ")", ")"), "not within the 0 elements");
  value("tensor with a long stride", tensor(storage(), zero, size2, numbers({2})), "with strides 2 from element 0, which is not within");
  value("tensor with a negative offset", tensor(storage(), number(-1), size2, stride1), "from element -1, which is not within");
  value("tensor with a negative extent", tensor(storage(), zero, numbers({-2}), stride1), "found a tensor -2");
  value("tensor with two negative extents", tensor(storage(), zero, numbers({-1, -2}), numbers({1, 1})), "found a tensor -1×-2");
  value("tensor with a negative stride", tensor(storage(), one, size2, numbers({-1})), "with strides -1");
  value("tensor whose size overflows", tensor(storage(), zero, numbers({huge, huge}), numbers({0, 0})), "not within the 2 elements");
  value("tensor whose reach overflows", tensor(storage(), zero, numbers({3, 3}), numbers({huge, huge})), "not within the 2 elements");
  value("tensor whose offset overflows", tensor(storage(), number(INT64_MAX), size2, stride1), "not within the 2 elements");

  const std::string parameter = global("torch._utils", "_rebuild_parameter");
  value("parameter of None", parameter + tuple("N\x88)") + "R", "found None as a parameter's data");
  value("parameter of two values", parameter + tuple(tensor() + '\x88') + "R", "_rebuild_parameter with 2 arguments");

  // Deep, wide and circular pickles cost what they weigh, no more.
  add("a hundred thousand nested tuples", pth_with(')' + std::string(100'000, '\x85')), "found a tuple, expected a state dict");
  add("a hundred thousand marks", pth_with(std::string(100'000, '(')), "found 0 values and 100000 marks");
  add("a hundred thousand nested lists", pth_with(std::string(100'000, ']') + std::string(99'999, 'a')),
      "found a list, expected a state dict");
  add("list inside itself", pth_with("]q" + std::string(1, '\0') + "h" + std::string(1, '\0') + "a"),
      "found a list, expected a state dict");
  add("model inside itself", pth_with("}q" + std::string(1, '\0') + text("model") + "h" + std::string(1, '\0') + "s"),
      "found a dict without tensors");
  add("three million values", pth_with(std::string(3'000'000, ')')), "found more than 2000000 values");
  return defects;
}

}  // namespace tessera::test
