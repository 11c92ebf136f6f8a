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

  return {
    {"no bytes", "", "found 0 bytes"},
    {"shorter than the length", "1234567", "found 7 bytes"},
    {"length zero", raw(std::uint64_t{0}), "header, byte 8: expected '{'"},
    {"length beyond the file", raw(std::uint64_t{100}) + "{}", "found a header of 100 bytes, but the file holds 2"},
    {"length one too long", raw(std::uint64_t{3}) + "{}", "found a header of 3 bytes, but the file holds 2"},
    {"length over the cap", raw(std::uint64_t{100'000'001}) + "{}", "expected at most 100000000"},
    {"length of all ones", raw(~std::uint64_t{0}) + "{}", "expected at most 100000000"},
    {"length that wraps with the eight", raw(~std::uint64_t{0} - 7) + "{}", "expected at most 100000000"},
    {"length in big-endian", std::string("\0\0\0\0\0\0\0\2", 8) + "{}", "expected at most 100000000"},
    {"header starts with a space", safetensors(" {}"), "expected '{'"},
    {"header starts with a byte order mark", safetensors("\xef\xbb\xbf{}"), "expected '{'"},
    {"header is a list", safetensors("[]"), "expected '{'"},
    {"header is a text", safetensors("\"{}\""), "expected '{'"},
    {"header not closed", safetensors("{"), "malformed JSON"},
    {"header not closed after a tensor", safetensors(R"({"a":{)" + good + "}", four), "malformed JSON"},
    {"length one too short", raw(std::uint64_t{1}) + "{}", "malformed JSON"},
    {"text after the header", safetensors("{}x"), "malformed JSON"},
    {"second header", safetensors("{}{}"), "malformed JSON"},
    {"zero byte after the header", safetensors(std::string("{}\0", 3)), "found a zero byte"},
    {"zero byte hides a second header", safetensors(std::string("{}\0{}", 5)), "found a zero byte"},
    {"comment", safetensors("{}//"), "malformed JSON"},
    {"trailing comma", safetensors(R"({"a":{)" + good + "},}", four), "malformed JSON"},
    {"single quotes", safetensors("{'a':{}}"), "malformed JSON"},
    {"not UTF-8", safetensors("{\"\xff\":{" + good + "}}", four), "malformed JSON"},
    {"overlong UTF-8", safetensors("{\"\xc0\xaf\":{" + good + "}}", four), "malformed JSON"},
    {"lone surrogate", safetensors(R"({"\ud800":{)" + good + "}}", four), "malformed JSON"},
    {"control character in a name", safetensors("{\"a\n\":{" + good + "}}", four), "malformed JSON"},
    {"number out of range", safetensors(one(R"("shape":[1e999])")), "malformed JSON"},
    {"NaN", safetensors(one(R"("shape":[NaN])")), "malformed JSON"},

    {"tensor is null", safetensors(R"({"a":null})"), "header, \"a\": found null, expected an object"},
    {"tensor is a number", safetensors(R"({"a":1})"), "found the number 1, expected an object"},
    {"tensor is a text", safetensors(R"({"a":"b"})"), "found the text \"b\", expected an object"},
    {"tensor is a list", safetensors(R"({"a":[]})"), "found a list, expected an object"},
    {"tensor is true", safetensors(R"({"a":true})"), "found true, expected an object"},
    {"tensor is deeply nested", safetensors(R"({"a":)" + std::string(100'000, '[')), "found a list, expected an object"},
    {"tensor without fields", safetensors(one("")), "tensor \"a\": found no dtype"},
    {"no dtype", safetensors(one(R"("shape":[1],"data_offsets":[0,4])"), four), "found no dtype"},
    {"no shape", safetensors(one(R"("dtype":"F32","data_offsets":[0,4])"), four), "found no shape"},
    {"no data_offsets", safetensors(one(R"("dtype":"F32","shape":[1])"), four), "found no data_offsets"},
    {"unknown field", safetensors(one(good + R"(,"order":"C")"), four), "found the field \"order\""},
    {"dtype twice", safetensors(one(good + R"(,"dtype":"F32")"), four), "found \"dtype\" twice"},
    {"shape twice", safetensors(one(good + R"(,"shape":[1])"), four), "found \"shape\" twice"},
    {"data_offsets twice", safetensors(one(good + R"(,"data_offsets":[0,4])"), four), "found \"data_offsets\" twice"},
    {"tensor twice", safetensors(R"({"a":{)" + good + R"(},"a":{)" + good + "}}", four), "found \"a\" twice"},
    {"tensor twice, one name escaped", safetensors(R"({"a":{)" + good + R"(},"\u0061":{)" + good + "}}", four), "found \"a\" twice"},

    {"unknown dtype", safetensors(one(R"("dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1])"), "x"), "dtype: found \"F8_E4M3\""},
    {"dtype in lower case", safetensors(one(R"("dtype":"f32","shape":[1],"data_offsets":[0,4])"), four), "dtype: found \"f32\""},
    {"dtype of the empty name", safetensors(one(R"("dtype":"")")), "dtype: found \"\""},
    {"dtype is a number", safetensors(one(R"("dtype":32)")), "dtype: found the number 32, expected text"},
    {"dtype is a list", safetensors(one(R"("dtype":["F32"])")), "dtype: found a list, expected text"},
    {"dtype is an object", safetensors(one(R"("dtype":{})")), "dtype: found an object, expected text"},

    {"shape is a number", safetensors(one(R"("shape":1)")), "shape: found the number 1, expected a list"},
    {"shape is a text", safetensors(one(R"("shape":"[1]")")), "shape: found the text \"[1]\""},
    {"shape is null", safetensors(one(R"("shape":null)")), "shape: found null"},
    {"shape is nested", safetensors(one(R"("shape":[[1]])")), "shape: found a list, expected a whole number"},
    {"shape holds a text", safetensors(one(R"("shape":["1"])")), "shape: found the text \"1\""},
    {"shape holds an object", safetensors(one(R"("shape":[{}])")), "shape: found an object"},
    {"negative extent", safetensors(one(R"("shape":[-1])")), "shape: found the negative number -1"},
    {"fractional extent", safetensors(one(R"("shape":[1.5])")), "shape: found the number 1.5"},
    {"extent with an exponent", safetensors(one(R"("shape":[1e0])")), "shape: found the number 1e0"},
    {"extent of 2^63", safetensors(one(R"("shape":[9223372036854775808])")), "found the number 9223372036854775808, expected a whole"},
    {"extent of 2^64", safetensors(one(R"("shape":[18446744073709551616])")), "shape: found the number"},
    {"too many extents", safetensors(one("\"shape\":[" + ones + "]")), "found more than 32 numbers"},
    {"size overflows", safetensors(one(R"("dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0])")), "does not fit in 63 bits"},
    {"size overflows to the right value", safetensors(one(R"("dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4])"), four),
     "does not fit"},
    {"size overflows before a zero", safetensors(one(R"("dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0])")),
     "does not fit"},

    {"no offsets", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[])")), "data_offsets: found 0 numbers"},
    {"one offset", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[0])")), "data_offsets: found 1 numbers"},
    {"three offsets", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[0,4,8])")), "data_offsets: found more than 2"},
    {"negative offset", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[-4,0])")), "data_offsets: found the negative"},
    {"fractional offset", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[0,4.0])")), "data_offsets: found the number 4.0"},
    {"end before begin", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"), four), "expected begin <= end"},
    {"fewer bytes than the shape", safetensors(one(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])"), four),
     "found 4 bytes of data, expected 8 for 2 F32"},
    {"more bytes than the shape", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[0,8])"), eight),
     "found 8 bytes of data, expected 4"},
    {"bytes of an empty tensor", safetensors(one(R"("dtype":"F32","shape":[0],"data_offsets":[0,4])"), four),
     "found 4 bytes of data, expected 0"},
    {"wrong element size", safetensors(one(R"("dtype":"F16","shape":[1],"data_offsets":[0,4])"), four), "expected 2 for 1 F16"},
    {"data cut", safetensors(one(good), "xxx"), "found data up to byte 4, but the file holds 3"},
    {"no data", safetensors(one(good)), "but the file holds 0"},
    {"data beyond 2^62", safetensors(one(R"("dtype":"U8","shape":[4611686018427387904],"data_offsets":[0,4611686018427387904])"), four),
     "but the file holds 4"},
    {"bytes after the data", safetensors(one(good), four + "x"), "found 5 bytes of data, expected 4"},
    {"bytes without tensors", safetensors("{}", "x"), "found 1 bytes of data, expected 0"},
    {"hole at the start", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"), eight), "from byte 4, expected 0 (a hole"},
    {"hole between", safetensors(R"({"a":{)" + good + R"(},"b":{"dtype":"U8","shape":[1],"data_offsets":[5,6]}})", eight),
     "\"b\": found data from byte 5, expected 4 (a hole"},
    {"overlap by one byte", safetensors(R"({"a":{)" + good + R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":[3,7]}})", eight),
     "expected 4 (it overlaps"},
    {"two tensors on one place", safetensors(R"({"a":{)" + good + R"(},"b":{)" + good + "}}", four), "(it overlaps"},
    {"tensor inside another",
     safetensors(R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})", eight),
     "(it overlaps"},
    {"empty tensor inside another", safetensors(R"({"a":{)" + good + R"(},"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}})", four),
     "(it overlaps"},
    {"empty tensor beyond the end", safetensors(R"({"a":{)" + good + R"(},"b":{"dtype":"U8","shape":[0],"data_offsets":[9,9]}})", four),
     "but the file holds 4"},

    {"metadata is a list", safetensors(R"({"__metadata__":[]})"), "\"__metadata__\": found a list, expected an object"},
    {"metadata is a text", safetensors(R"({"__metadata__":"x"})"), "\"__metadata__\": found the text"},
    {"metadata holds a number", safetensors(R"({"__metadata__":{"k":1}})"), "__metadata__, \"k\": found the number 1, expected text"},
    {"metadata holds an object", safetensors(R"({"__metadata__":{"k":{}}})"), "__metadata__, \"k\": found an object, expected text"},
    {"metadata holds null", safetensors(R"({"__metadata__":{"k":null}})"), "__metadata__, \"k\": found null, expected text"},
    {"metadata holds a list", safetensors(R"({"__metadata__":{"k":["v"]}})"), "__metadata__, \"k\": found a list, expected text"},
    {"metadata key twice", safetensors(R"({"__metadata__":{"k":"v","k":"v"}})"), "__metadata__: found \"k\" twice"},
    {"metadata twice", safetensors(R"({"__metadata__":{},"__metadata__":{}})"), "found \"__metadata__\" twice"},
};
}

}  // namespace tessera::test
