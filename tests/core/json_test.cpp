// SPDX-License-Identifier: MIT
#include "tessera/core/json.hpp"

#include <clocale>
#include <cstdint>
#include <string>

#include "../catch.hpp"
#include "tessera/core/error.hpp"

using tessera::detail::Json;
using tessera::detail::JsonKind;
using tessera::detail::parse_json;

namespace {

Json parse(std::string_view text) { return parse_json(text, "f"); }
std::string error_of(std::string_view text, const tessera::detail::JsonOptions& options = {}) {
  try {
    parse_json(text, "f", options);
  } catch (const tessera::Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("Every kind of JSON value is read") {
  CHECK(parse(" null\n").kind() == JsonKind::null);
  CHECK(parse("true").boolean());
  CHECK_FALSE(parse("false").boolean());
  CHECK(parse("false").kind() == JsonKind::boolean);
  CHECK(parse("\"\"").is_text());
  CHECK(parse("[]").is_array());
  CHECK(parse("{}").is_object());
  const Json list = parse("[1 , \"a\",[null],\t{\"b\":2}\r\n]");
  REQUIRE(list.items().size() == 4);
  CHECK(list.items()[0].natural() == 1);
  CHECK(list.items()[1].text() == "a");
  CHECK(list.items()[2].items().size() == 1);
  CHECK(list.items()[3].find("b")->integer() == 2);
}

TEST_CASE("A JSON object keeps the order of its text") {
  const Json object = parse(R"({"z":1,"a":2,"":3})");
  CHECK(object.keys() == std::vector<std::string>{"z", "a", ""});
  CHECK(object.items()[2].natural() == 3);
  CHECK(object.find("a")->natural() == 2);
  CHECK(object.find("b") == nullptr);
  CHECK(parse("3").find("a") == nullptr);
}

TEST_CASE("Whole JSON numbers are exact, others are the nearest double") {
  CHECK(parse("18446744073709551615").natural() == ~std::uint64_t{0});
  CHECK_FALSE(parse("18446744073709551615").integer());
  CHECK(parse("9223372036854775807").integer() == INT64_MAX);
  CHECK(parse("-9223372036854775808").integer() == INT64_MIN);
  CHECK_FALSE(parse("-1").natural());
  CHECK(parse("-0").natural() == 0);
  CHECK(parse("-1").number() == -1.0);
  CHECK_FALSE(parse("1.0").natural());
  CHECK(parse("0.1").number() == 0.1);
  CHECK(parse("-2.5e-3").number() == -0.0025);
  CHECK(parse("1E+2").number() == 100.0);
  CHECK(parse("18446744073709551616").number() == 0x1p64);
  CHECK(parse("-9223372036854775809").number() == -0x1p63);
  CHECK(parse("1e-999").number() == 0.0);
  CHECK(parse("5e-324").number() == 0x1p-1074);
  CHECK_FALSE(parse("\"1\"").number());
}

TEST_CASE("JSON numbers do not depend on the locale") {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  for (const char* name : {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8"})
    if (std::setlocale(LC_NUMERIC, name) != nullptr) break;
  const auto number = parse("0.1").number();
  std::setlocale(LC_NUMERIC, before.c_str());
  CHECK(number == 0.1);
}

TEST_CASE("JSON texts are unescaped") {
  CHECK(parse(R"("\"\\\/\b\f\n\r\t")").text() == "\"\\/\b\f\n\r\t");
  CHECK(parse(R"("\u0041\u00e4\u20AC\ud83d\ude00")").text() == "Aä€😀");
  CHECK(parse(R"("\u0000")").text() == std::string(1, '\0'));
  CHECK(parse("\"ä€😀\x7f\"").text() == "ä€😀\x7f");
}

TEST_CASE("Malformed JSON is refused with the place, what was found and what was expected") {
  CHECK(error_of("") == "f, byte 0: found malformed JSON: the end of the text, expected a value");
  CHECK(error_of("[1,]") == "f, byte 3: found malformed JSON: \"]\", expected a value");
  CHECK(error_of("[1 2]") == "f, byte 3: found malformed JSON: \"2]\", expected ',' or ']'");
  CHECK(error_of("{\"a\":1,}") == "f, byte 7: found malformed JSON: \"}\", expected a name in '\"'");
  CHECK(error_of("{\"a\" 1}") == "f, byte 5: found malformed JSON: \"1}\", expected ':'");
  CHECK(error_of("{\"a\":1", {.first_byte = 8}) == "f, byte 14: found malformed JSON: the end of the text, expected ',' or '}'");
  CHECK(error_of("{\"a\":1,\"b\":2,\"\\u0061\":3}") == "f, byte 13: found \"a\" twice, expected each name once");
  for (const std::string_view text :
       {"nul", "tru", "True",    "01",          "1.",       ".5", "+1", "-", "1e",    "1e+", "0x1",  "NaN", "Infinity",
        "'a'", "\"a", "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "[",  "{",  "]", "{1:2}", "1 2", "{}{}", "//",  "\xef\xbb\xbf{}"})
    CHECK(error_of(text).find("found malformed JSON: ") != std::string::npos);
  CHECK(error_of("1e999").find("expected a number that a double can hold") != std::string::npos);
  CHECK(error_of(std::string_view("{}\0", 3)).find("byte 2: found malformed JSON") != std::string::npos);
}

TEST_CASE("JSON that is not UTF-8 is refused") {
  for (const std::string_view text :
       {"\xff", "\xc0\xaf", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\xf0\x9f\x98"})
    CHECK(error_of("\"" + std::string(text) + "\"").find("expected UTF-8") != std::string::npos);
  for (const std::string_view text : {"\\ud800", "\\udc00", "\\ud800x", "\\ud800\\n", "\\ud800\\ud800"})
    CHECK(error_of("\"" + std::string(text) + "\"").find("expected the other half of a surrogate pair") != std::string::npos);
}

TEST_CASE("JSON has bounds") {
  const std::string deep = std::string(64, '[') + std::string(64, ']');
  CHECK(error_of(deep).empty());
  CHECK(error_of("[" + deep + "]").find("found JSON of more than 64 levels") != std::string::npos);
  CHECK(error_of("[[1]]", {.levels = 1}).find("byte 2: found JSON of more than 1 levels") != std::string::npos);
  CHECK(error_of("[[1],{\"a\":2},[3]]", {.levels = 2}).empty());
  std::string many = "[0";
  for (int i = 0; i < 2'000'000; ++i) many += ",0";
  CHECK(error_of(many + "]").find("found more than 2000000 values") != std::string::npos);
}

TEST_CASE("What a JSON value is can be said in a message") {
  CHECK(parse("null").describe() == "null");
  CHECK(parse("true").describe() == "true");
  CHECK(parse("7").describe() == "the number 7");
  CHECK(parse("-7").describe() == "the negative number -7");
  CHECK(parse("1.50").describe() == "the floating-point number 1.50");
  CHECK(parse("\"a\"").describe() == "the text \"a\"");
  CHECK(parse("[1]").describe() == "a list");
  CHECK(parse("{}").describe() == "an object");
}

TEST_CASE("A quoted text is read back the same") {
  const std::string text = std::string("\"\\/\b\f\n\r\t\x01\x1f\x7f", 11) + std::string(1, '\0') + "ä😀";
  CHECK(parse(tessera::detail::quote_json(text)).text() == text);
  CHECK(tessera::detail::quote_json("a\n\x02") == "\"a\\n\\u0002\"");
  CHECK_THROWS_AS(tessera::detail::quote_json("\xff"), tessera::Error);
}
