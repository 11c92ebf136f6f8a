// SPDX-License-Identifier: MIT

#include "tessera/io/pickle_stack.hpp"

#include "../catch.hpp"
#include "files.hpp"

using namespace tessera;
using namespace tessera::test;
using detail::PickleKind;
using detail::PickleStack;

TEST_CASE("A mark hides the values below it", "[io]") {
  PickleStack stack({}, "f");
  stack.push({PickleKind::integer, 1});
  stack.mark();
  stack.push({PickleKind::integer, 2});
  CHECK(stack.available() == 1);
  CHECK(contains(error_of([&] { stack.pop_last(2); }), "f, pickle byte 0: found 1 values on the stack, expected 2"));
  const auto above = stack.pop_marked();
  REQUIRE(above.size() == 1);
  CHECK(stack.value(above[0]).number == 2);
  CHECK(stack.value(stack.finish()).number == 1);
}

TEST_CASE("Long integers are two's complement of any length up to eight bytes", "[io]") {
  PickleStack stack({}, "f");
  const auto number = [&](std::string_view digits) {
    stack.push_long(digits);
    return stack.value(stack.top()).number;
  };
  CHECK(number("") == 0);
  CHECK(number("\x80") == -128);
  CHECK(number(std::string_view("\x80\0", 2)) == 128);
  CHECK(number("\xff\xff\xff\xff\xff\xff\xff\x7f") == INT64_MAX);
  stack.push_long("123456789");
  CHECK(stack.value(stack.top()).kind == PickleKind::opaque);
}

TEST_CASE("The program is not read beyond its end", "[io]") {
  const SharedBytes bytes = shared("abc");
  PickleStack stack(bytes.bytes, "f");
  CHECK(stack.take(2) == "ab");
  CHECK(contains(error_of([&] { stack.take(2); }), "found 1 more bytes, expected 2"));
  CHECK(stack.next_opcode() == 'c');
  CHECK(contains(error_of([&] { stack.next_opcode(); }), "pickle byte 3: found 0 more bytes, expected 1"));
}
