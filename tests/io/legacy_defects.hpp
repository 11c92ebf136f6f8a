// SPDX-License-Identifier: MIT
#pragma once

// Broken PyTorch checkpoints of the form before zip archives.

#include "defects.hpp"
#include "writers.hpp"

namespace tessera::test {

inline std::vector<Defect> legacy_defects() {
  using namespace pickle;
  const std::string state = dict(text("w") + tensor()), keys = list(text("0")), floats = raw({1.0F, 2.0F}), count = raw(std::int64_t{2});
  const std::string version = document(number(1001)), little = document(dict(text("little_endian") + '\x88'));
  const std::string head = legacy_magic + version + little;

  std::vector<Defect> defects;
  const auto add = [&](const char* name, const std::string& file, const char* message) { defects.push_back({name, file, message}); };
  add("magic number alone", legacy_magic, "protocol version, pickle byte 0: found 0 more bytes");
  add("magic number cut", legacy_magic.substr(0, 10), "expected a safetensors, .pth or .npz file");
  add("magic number of another kind", "\x80\x02\x8a\x0a" + std::string(10, 'x') + "." + version,
      "a Python pickle that torch.save did not write, expected a safetensors, .pth or .npz file");
  add("protocol version 1000", legacy_magic + document(number(1000)) + little, "found protocol version 1000, expected 1001");
  add("protocol version is a text", legacy_magic + document(text("1001")) + little, "found protocol version 0");
  add("no system", legacy_magic + version, "system, pickle byte 0: found 0 more bytes");
  add("system is a list", legacy_magic + version + document("]"), "found no little_endian: True or False");
  add("system without a byte order", legacy_magic + version + document("}"), "found no little_endian: True");
  add("byte order is a number", legacy_magic + version + document(dict(text("little_endian") + number(1))), "found no little_endian: True");
  add("no state dict", head, "state dict, pickle byte 0: found 0 more bytes");
  add("state dict is garbage", head + "garbage", "state dict, pickle byte 0: found ");
  add("state dict is a text", legacy(text("w"), "]", ""), "found a text, expected a state dict");
  add("object of a function", legacy(global("os", "system") + ")R", "]", ""), "found an object of os.system, a whole model");
  add("no list of storages", head + document(state), "list of storages, pickle byte 0: found 0 more bytes");
  add("list of storages is a dict", legacy(state, "}", count + floats), "found a dict as the fifth pickle, expected a list");
  add("list of storages is empty", legacy(state, "]", ""), "found no data of storage \"0\"");
  add("list of storages holds a number", legacy(state, list(number(0)), count + floats),
      "found a storage \"\" that no tensor uses, or twice");
  add("list of storages holds a stranger", legacy(state, list(text("1")), count + floats), "found a storage \"1\" that no tensor uses");
  add("storage listed twice", legacy(state, list(text("0") + text("0")), count + floats + count + floats),
      "found a storage \"0\" that no tensor uses, or twice");
  add("no data", legacy(state, keys, ""), "storage \"0\": found the end of the file, expected a count");
  add("count cut", legacy(state, keys, "1234567"), "found the end of the file, expected a count");
  add("count too small", legacy(state, keys, raw(std::int64_t{1}) + floats), "found 1 elements, expected 2");
  add("count too large", legacy(state, keys, raw(std::int64_t{3}) + floats), "found 3 elements, expected 2");
  add("count negative", legacy(state, keys, raw(std::int64_t{-2}) + floats), "found -2 elements, expected 2");
  add("count enormous", legacy(state, keys, raw(INT64_MAX) + floats), "elements, expected 2");
  add("data cut", legacy(state, keys, count + floats.substr(1)), "found 7 bytes to the end of the file, expected 8");
  add("data missing", legacy(state, keys, count), "found 0 bytes to the end of the file, expected 8");
  add("bytes after the data", legacy(state, keys, count + floats + "x"), "found 1 bytes after the last storage");
  const std::string large =
      dict(text("w") + tensor(storage("0", "FloatStorage", std::int64_t{1} << 60), number(0), numbers({2}), numbers({1})));
  add("storage of four exabytes", legacy(large, keys, raw(std::int64_t{1} << 60) + floats), "found 8 bytes to the end of the file");
  return defects;
}

}  // namespace tessera::test
