// SPDX-License-Identifier: MIT
#pragma once

// Malformed safetensors files, each with one defect.

#include "defects.hpp"
#include "files.hpp"

namespace tessera::test {

inline std::vector<Defect> safetensors_defects() {
  const auto one = [](const std::string& fields) { return R"({"a":{)" + fields + "}}"; };  // a header with one tensor
  const std::string good = R"("dtype":"F32","shape":[1],"data_offsets":[0,4])";
  const std::string four(4, 'x'), eight(8, 'x');
  std::string ones = "1";
  for (int i = 0; i < 32; ++i) ones += ",1";

  std::vector<Defect> defects;
  // One statement each: compilers are slow at long lists of strings.
  const auto add = [&](const char* name, const std::string& file, const char* message) { defects.push_back({name, file, message}); };
  add("no bytes", "", "found 0 bytes");
  add("shorter than the length", "1234567", "found 7 bytes");
  add("length zero", raw(std::uint64_t{0}), "header, byte 8: found malformed JSON: the end of the text, expected a value");
  add("length beyond the file", raw(std::uint64_t{100}) + "{}", "found a header of 100 bytes, but the file holds 2");
  add("length one too long", raw(std::uint64_t{3}) + "{}", "found a header of 3 bytes, but the file holds 2");
  add("length over the cap", raw(std::uint64_t{100'000'001}) + "{}", "expected at most 100000000");
  add("length of all ones", raw(~std::uint64_t{0}) + "{}", "expected at most 100000000");
  add("length that wraps with the eight", raw(~std::uint64_t{0} - 7) + "{}", "expected at most 100000000");
  add("length in big-endian", std::string("\0\0\0\0\0\0\0\2", 8) + "{}", "expected at most 100000000");
  add("header starts with a byte order mark", safetensors("\xef\xbb\xbf{}"), "malformed JSON");
  add("header is a list", safetensors("[]"), "header: found a list, expected an object");
  add("header is a text", safetensors("\"{}\""), "header: found the text \"{}\", expected an object");
  add("header not closed", safetensors("{"), "malformed JSON");
  add("header not closed after a tensor", safetensors(R"({"a":{)" + good + "}", four), "malformed JSON");
  add("length one too short", raw(std::uint64_t{1}) + "{}", "malformed JSON");
  add("text after the header", safetensors("{}x"), "malformed JSON");
  add("second header", safetensors("{}{}"), "malformed JSON");
  add("zero byte after the header", safetensors(std::string("{}\0", 3)), "malformed JSON: \"\\x00\"");
  add("zero byte hides a second header", safetensors(std::string("{}\0{}", 5)), "malformed JSON: \"\\x00{}\"");
  add("comment", safetensors("{}//"), "malformed JSON");
  add("too few scales",
      safetensors(R"({"a":{"dtype":"I8","shape":[2,2],"data_offsets":[0,4]},"a_scale":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                  eight),
      "\"a_scale\": found 1 F32, expected F32 with 2 numbers");
  add("scales of another type",
      safetensors(R"({"a":{"dtype":"I8","shape":[2,2],"data_offsets":[0,4]},"a_scale":{"dtype":"F16","shape":[2],"data_offsets":[4,8]}})",
                  eight),
      "found 2 F16, expected F32");
  add("trailing comma", safetensors(R"({"a":{)" + good + "},}", four), "malformed JSON");
  add("single quotes", safetensors("{'a':{}}"), "malformed JSON");
  add("not UTF-8", safetensors("{\"\xff\":{" + good + "}}", four), "malformed JSON");
  add("overlong UTF-8", safetensors("{\"\xc0\xaf\":{" + good + "}}", four), "malformed JSON");
  add("lone surrogate", safetensors(R"({"\ud800":{)" + good + "}}", four), "malformed JSON");
  add("control character in a name", safetensors("{\"a\n\":{" + good + "}}", four), "malformed JSON");
  add("number out of range", safetensors(one(R"("dtype":"F32","shape":[1e999],"data_offsets":[0,4])")), "malformed JSON");
  add("NaN", safetensors(one(R"("dtype":"F32","shape":[NaN],"data_offsets":[0,4])")), "malformed JSON");
  add("tensor is null", safetensors(R"({"a":null})"), "header, \"a\": found null, expected an object");
  add("tensor is a number", safetensors(R"({"a":1})"), "found the number 1, expected an object");
  add("tensor is a text", safetensors(R"({"a":"b"})"), "found the text \"b\", expected an object");
  add("tensor is a list", safetensors(R"({"a":[]})"), "found a list, expected an object");
  add("tensor is true", safetensors(R"({"a":true})"), "found true, expected an object");
  add("tensor is deeply nested", safetensors(R"({"a":)" + std::string(100'000, '[')), "found JSON of more than 64 levels");
  add("tensor without fields", safetensors(one("")), "tensor \"a\": found no dtype");
  add("no dtype", safetensors(one(R"("shape":[1],"data_offsets":[0,4])"), four), "found no dtype");
  add("no shape", safetensors(one(R"("dtype":"F32","data_offsets":[0,4])"), four), "found no shape");
  add("no data_offsets", safetensors(one(R"("dtype":"F32","shape":[1])"), four), "found no data_offsets");
  add("dtype twice", safetensors(one(good + R"(,"dtype":"F32")"), four), "found \"dtype\" twice");
  add("shape twice", safetensors(one(good + R"(,"shape":[1])"), four), "found \"shape\" twice");
  add("data_offsets twice", safetensors(one(good + R"(,"data_offsets":[0,4])"), four), "found \"data_offsets\" twice");
  add("tensor twice", safetensors(R"({"a":{)" + good + R"(},"a":{)" + good + "}}", four), "found \"a\" twice");
  add("tensor twice, one name escaped", safetensors(R"({"a":{)" + good + R"(},"\u0061":{)" + good + "}}", four), "found \"a\" twice");
  add("tensor of an unknown dtype beyond the data", safetensors(one(R"("dtype":"F8_E4M3","shape":[1],"data_offsets":[0,2])"), "x"),
      "found data up to byte 2, but the file holds 1");
  add("hole after a tensor of an unknown dtype", safetensors(one(R"("dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1])"), "xy"),
      "found 2 bytes of data, expected 1");
  add("dtype is a number", safetensors(one(R"("dtype":32,"shape":[],"data_offsets":[0,4])")), "dtype: found the number 32, expected text");
  add("dtype is a list", safetensors(one(R"("dtype":["F32"],"shape":[],"data_offsets":[0,4])")), "dtype: found a list, expected text");
  add("dtype is an object", safetensors(one(R"("dtype":{},"shape":[],"data_offsets":[0,4])")), "dtype: found an object, expected text");
  add("shape is a number", safetensors(one(R"("dtype":"F32","shape":1,"data_offsets":[0,4])")),
      "shape: found the number 1, expected a list");
  add("shape is a text", safetensors(one(R"("dtype":"F32","shape":"[1]","data_offsets":[0,4])")), "shape: found the text \"[1]\"");
  add("shape is null", safetensors(one(R"("dtype":"F32","shape":null,"data_offsets":[0,4])")), "shape: found null");
  add("shape is nested", safetensors(one(R"("dtype":"F32","shape":[[1]],"data_offsets":[0,4])")),
      "shape: found a list, expected a whole number");
  add("shape holds a text", safetensors(one(R"("dtype":"F32","shape":["1"],"data_offsets":[0,4])")), "shape: found the text \"1\"");
  add("shape holds an object", safetensors(one(R"("dtype":"F32","shape":[{}],"data_offsets":[0,4])")), "shape: found an object");
  add("negative extent", safetensors(one(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])")), "shape: found the negative number -1");
  add("fractional extent", safetensors(one(R"("dtype":"F32","shape":[1.5],"data_offsets":[0,4])")),
      "shape: found the floating-point number 1.5");
  add("extent with an exponent", safetensors(one(R"("dtype":"F32","shape":[1e0],"data_offsets":[0,4])")),
      "shape: found the floating-point number 1");
  add("extent of 2^63", safetensors(one(R"("dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4])")),
      "found the number 9223372036854775808, expected a whole");
  add("extent of 2^64", safetensors(one(R"("dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4])")),
      "shape: found the floating-point number 18446744073709551616");
  add("too many extents", safetensors(one(R"("dtype":"F32","data_offsets":[0,4],"shape":[)" + ones + "]")), "found more than 32 numbers");
  add("size overflows", safetensors(one(R"("dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0])")),
      "does not fit in 63 bits");
  add("size overflows to the right value", safetensors(one(R"("dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4])"), four),
      "does not fit");
  add("size overflows before a zero", safetensors(one(R"("dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0])")),
      "does not fit");
  add("size overflows behind a zero", safetensors(one(R"("dtype":"U8","shape":[0,4294967296,4294967296],"data_offsets":[0,0])")),
      "does not fit");
  add("no offsets", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[])")), "data_offsets: found 0 numbers");
  add("one offset", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[0])")), "data_offsets: found 1 numbers");
  add("three offsets", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[0,4,8])")), "data_offsets: found more than 2");
  add("negative offset", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[-4,0])")), "data_offsets: found the negative");
  add("fractional offset", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[0,4.0])")),
      "data_offsets: found the floating-point number 4");
  add("end before begin", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"), four), "expected begin <= end");
  add("fewer bytes than the shape", safetensors(one(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])"), four),
      "found 4 bytes of data, expected 8 for 2 F32");
  add("more bytes than the shape", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[0,8])"), eight),
      "found 8 bytes of data, expected 4");
  add("bytes of an empty tensor", safetensors(one(R"("dtype":"F32","shape":[0],"data_offsets":[0,4])"), four),
      "found 4 bytes of data, expected 0");
  add("wrong element size", safetensors(one(R"("dtype":"F16","shape":[1],"data_offsets":[0,4])"), four), "expected 2 for 1 F16");
  add("data cut", safetensors(one(good), "xxx"), "found data up to byte 4, but the file holds 3");
  add("no data", safetensors(one(good)), "but the file holds 0");
  add("data beyond 2^62", safetensors(one(R"("dtype":"U8","shape":[4611686018427387904],"data_offsets":[0,4611686018427387904])"), four),
      "but the file holds 4");
  add("bytes after the data", safetensors(one(good), four + "x"), "found 5 bytes of data, expected 4");
  add("bytes without tensors", safetensors("{}", "x"), "found 1 bytes of data, expected 0");
  add("hole at the start", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"), eight), "from byte 4, expected 0 (a hole");
  add("hole between", safetensors(R"({"a":{)" + good + R"(},"b":{"dtype":"U8","shape":[1],"data_offsets":[5,6]}})", eight),
      "\"b\": found data from byte 5, expected 4 (a hole");
  add("overlap by one byte", safetensors(R"({"a":{)" + good + R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":[3,7]}})", eight),
      "expected 4 (it overlaps");
  add("two tensors on one place", safetensors(R"({"a":{)" + good + R"(},"b":{)" + good + "}}", four), "(it overlaps");
  add("tensor inside another",
      safetensors(R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})", eight),
      "(it overlaps");
  add("empty tensor inside another", safetensors(R"({"a":{)" + good + R"(},"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}})", four),
      "(it overlaps");
  add("empty tensor beyond the end", safetensors(R"({"a":{)" + good + R"(},"b":{"dtype":"U8","shape":[0],"data_offsets":[9,9]}})", four),
      "but the file holds 4");
  add("metadata is a list", safetensors(R"({"__metadata__":[]})"), "\"__metadata__\": found a list, expected an object");
  add("metadata is a text", safetensors(R"({"__metadata__":"x"})"), "\"__metadata__\": found the text");
  add("metadata holds a number", safetensors(R"({"__metadata__":{"k":1}})"), "__metadata__, \"k\": found the number 1, expected text");
  add("metadata holds an object", safetensors(R"({"__metadata__":{"k":{}}})"), "__metadata__, \"k\": found an object, expected text");
  add("metadata holds null", safetensors(R"({"__metadata__":{"k":null}})"), "__metadata__, \"k\": found null, expected text");
  add("metadata holds a list", safetensors(R"({"__metadata__":{"k":["v"]}})"), "__metadata__, \"k\": found a list, expected text");
  add("metadata key twice", safetensors(R"({"__metadata__":{"k":"v","k":"v"}})"), "found \"k\" twice");
  add("metadata twice", safetensors(R"({"__metadata__":{},"__metadata__":{}})"), "found \"__metadata__\" twice");
  return defects;
}

}  // namespace tessera::test
