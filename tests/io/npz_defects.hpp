// SPDX-License-Identifier: MIT
#pragma once

// NumPy archives with one broken array.

#include "defects.hpp"
#include "writers.hpp"

namespace tessera::test {

inline std::vector<Defect> npz_defects() {
  const std::string data = raw({1.0F, 2.0F});
  std::vector<Defect> defects;
  const auto file = [&](const char* name, const std::string& array, const char* message) {
    defects.push_back({name, zip_of({{"a.npy", array}}), message});
  };
  // A defect of the header's dict.
  const auto dict = [&](const char* name, const std::string& text, const char* message) { file(name, npy(text, data), message); };

  file("empty array", "", "found no NumPy array");
  file("magic cut", "\x93NUM", "found no NumPy array");
  file("magic of another kind", "\x93NUMPX" + data, "found no NumPy array");
  file("pickle instead of an array", pickle::document("}"), "found no NumPy array");
  file("nothing after the magic", "\x93NUMPY", "found 6 bytes, expected a NumPy header");
  file("nothing after the version", std::string("\x93NUMPY\1\0", 8), "found 8 bytes, expected a NumPy header");
  file("version 0", npy(npy_dict("<f4", "(2,)"), data, '\0'), "found version 0");
  file("version 4", npy(npy_dict("<f4", "(2,)"), data, '\4'), "found version 4");
  file("version 255", npy(npy_dict("<f4", "(2,)"), data, '\xff'), "found version 255");
  file("header longer than the array", std::string("\x93NUMPY\1\0", 8) + raw(std::uint16_t{500}) + "{}",
       "found a NumPy header of 500 bytes, but only 2 follow");
  file("header of 65535 bytes", std::string("\x93NUMPY\1\0", 8) + raw(std::uint16_t{65535}) + "{}", "expected at most 4086");
  file("header of 4 GB", std::string("\x93NUMPY\2\0", 8) + raw(~std::uint32_t{0}) + "{}",
       "found a NumPy header of 4294967295 bytes, expected at most 4084");
  file("header of no bytes", npy("", data), "found \"\", expected '{'");

  dict("dict not opened", "'descr': '<f4'}", "found \"'descr': '<f4'}\", expected '{'");
  dict("dict not closed", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)", "found \"\", expected '}'");
  dict("dict empty", "{}", "found no descr");
  dict("no shape", "{'descr': '<f4', 'fortran_order': False}", "found no shape");
  dict("no order", "{'descr': '<f4', 'shape': (2,)}", "found no fortran_order");
  dict("no type", "{'fortran_order': False, 'shape': (2,)}", "found no descr");
  dict("type twice", "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "found the key \"descr\"");
  dict("shape twice", "{'descr': '<f4', 'shape': (2,), 'fortran_order': False, 'shape': (2,)}", "found the key \"shape\"");
  dict("unknown key", "{'descr': '<f4', 'order': 'C', 'fortran_order': False, 'shape': (2,)}", "found the key \"order\"");
  dict("key without quotes", "{descr: '<f4'}", "found \"descr: '<f4'}\", expected '''");
  dict("key not closed", "{'descr: <f4}", "found no end of");
  dict("colon missing", "{'descr' '<f4'}", "expected ':'");
  dict("comma missing", "{'descr': '<f4' 'shape': (2,)}", "expected '}'");
  dict("two commas", "{'descr': '<f4',, 'shape': (2,)}", "expected '''");
  dict("text after the dict", npy_dict("<f4", "(2,)") + "x", "found \"x\" after the header's dict");
  dict("zero bytes after the dict", npy_dict("<f4", "(2,)") + std::string(3, '\0'), "found \"\\x00\\x00\\x00\" after");
  dict("two dicts", npy_dict("<f4", "(2,)") + "{}", "after the header's dict");
  dict("code instead of a dict", "__import__('os').system('true')", "expected '{'");

  dict("big-endian array of another size", npy_dict(">f4", "(1,)"), "found 8 bytes of data, expected 4 for 1 F32");
  dict("records not closed", "{'descr': [('a', '<f4'), ('b', '<f4'), 'fortran_order': False, 'shape': (1,), }", "found no end of");
  dict("type is a number", "{'descr': 4, 'fortran_order': False, 'shape': (2,)}", "expected '''");

  dict("order is a number", npy_dict("<f4", "(2,)", "0"), "expected True or False");
  dict("order is a text", npy_dict("<f4", "(2,)", "'False'"), "expected True or False");
  dict("order in lower case", npy_dict("<f4", "(2,)", "false"), "expected True or False");
  dict("order goes on", npy_dict("<f4", "(2,)", "Falsehood"), "found \"hood");

  dict("shape is a list", npy_dict("<f4", "[2]"), "expected '('");
  dict("shape is a number", npy_dict("<f4", "2"), "expected '('");
  dict("shape not closed", npy_dict("<f4", "(2,"), "expected an extent");
  dict("shape with a negative extent", npy_dict("<f4", "(-2,)"), "expected an extent");
  dict("shape with a fraction", npy_dict("<f4", "(2.0,)"), "expected ')'");
  dict("shape with a text", npy_dict("<f4", "('2',)"), "expected an extent");
  dict("shape with a nested tuple", npy_dict("<f4", "((2,),)"), "expected an extent");
  dict("shape with two commas", npy_dict("<f4", "(2,,)"), "expected an extent");
  dict("shape with an endless extent", npy_dict("<f4", '(' + std::string(100, '9') + ",)"), "found an extent of more than 18 digits");
  std::string axes;
  for (int i = 0; i < 33; ++i) axes += "1,";
  dict("shape with too many axes", npy_dict("<f4", '(' + axes + ')'), "found more than 32 axes");
  dict("size overflows", npy_dict("<f4", "(4294967296,4294967296)"), "does not fit in 63 bits");
  dict("size overflows to the right value", npy_dict("<f8", "(1000000000000,18446744073710)"), "does not fit in 63 bits");
  dict("size overflows before a zero", npy_dict("<f4", "(4294967296,4294967296,0)"), "does not fit in 63 bits");
  dict("size overflows behind a zero", npy_dict("<f4", "(0,4294967296,4294967296)"), "does not fit in 63 bits");

  dict("array longer than its shape", npy_dict("<f4", "(1,)"), "found 8 bytes of data, expected 4 for 1 F32");
  dict("array shorter than its shape", npy_dict("<f4", "(3,)"), "found 8 bytes of data, expected 12 for 3 F32");
  dict("array much shorter than its shape", npy_dict("<f4", "(1000000000000,)"), "found 8 bytes of data, expected 4000000000000");
  dict("array of another element size", npy_dict("<f8", "(2,)"), "found 8 bytes of data, expected 16 for 2 F64");
  dict("data of an empty array", npy_dict("<f4", "(0,5)"), "found 8 bytes of data, expected 0 for 0×5 F32");
  dict("data of a scalar", npy_dict("<f4", "()"), "found 8 bytes of data, expected 4 for scalar F32");
  return defects;
}

}  // namespace tessera::test
