// SPDX-License-Identifier: MIT
#include "tessera/vision/read_labels.hpp"

#include "../catch.hpp"
#include "../temporary_folder.hpp"
#include "fixtures.hpp"

using Labels = std::vector<std::string>;

TEST_CASE("Labels are read one a line, whatever the line ends") {
  const tessera::test::TemporaryFolder folder;
  const Labels expected{"tench", "great white shark", "Bär"};
  CHECK(tessera::read_labels(folder.write("unix", "tench\ngreat white shark\nBär\n")) == expected);
  CHECK(tessera::read_labels(folder.write("no end", "tench\ngreat white shark\nBär")) == expected);
  CHECK(tessera::read_labels(folder.write("windows", "\xEF\xBB\xBFtench\r\ngreat white shark \r\n\tBär\r\n\r\n\n")) == expected);
}

TEST_CASE("Labels are read from a JSON array of strings") {
  const tessera::test::TemporaryFolder folder;
  CHECK(tessera::read_labels(folder.write("a", " [\"tench\",\n \"say \\\"cheese\\\"\", \"B\\u00e4r\"]\n")) ==
        Labels{"tench", "say \"cheese\"", "Bär"});
}

namespace {

Labels parsed(std::string_view text) { return tessera::parse_labels(text, "the labels"); }

std::string refused(std::string_view text) {
  const std::string message = fixtures::error_of([&] { parsed(text); });
  CHECK(message.starts_with("the labels"));
  return message.substr(std::min<std::size_t>(message.size(), 10));
}

// "l0", "l1", ...
Labels numbered(int count) {
  Labels labels;
  for (int i = 0; i < count; ++i) labels.push_back("l" + std::to_string(i));
  return labels;
}

std::string utf16(std::u16string_view text, bool little) {
  std::string bytes;
  for (const char16_t unit : text) {
    const char low = static_cast<char>(unit & 255), high = static_cast<char>(unit >> 8);
    bytes += little ? low : high;
    bytes += little ? high : low;
  }
  return bytes;
}

}  // namespace

TEST_CASE("Labels by number are put in the order of their numbers, not of the text") {
  std::string one_line, indented;
  for (const int i : {0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9}) {  // as Python's json sorts keys
    const std::string number = std::to_string(i), comma = i == 9 ? "" : ",";
    one_line += "\"" + number + "\": \"l" + number + "\"" + comma + " ";
    indented += "  \"" + number + "\": [\n    \"n0144076" + number.back() + "\",\n    \"l" + number + "\"\n  ]" + comma + "\n";
  }
  CHECK(parsed("{" + one_line + "}") == numbered(12));
  CHECK(parsed("{\n" + indented + "}\n") == numbered(12));
  CHECK(parsed("{\"architectures\": [\"Mixer\"], \"id2label\": {" + one_line + "}, \"label2id\": {\"x\": 0}}") == numbered(12));
}

TEST_CASE("Configurations of timm give their label names, with descriptions where there are some") {
  CHECK(parsed(R"({"architecture": "mixer_b16_224", "num_classes": 2, "label_names": ["cat", "dog"]})") == Labels{"cat", "dog"});
  CHECK(
      parsed(
          R"({"label_names": ["n01440764", "n01443537", "n1"], "label_descriptions": {"n01443537": "goldfish", "n01440764": "tench, Tinca tinca"}})") ==
      Labels{"tench, Tinca tinca", "goldfish", "n1"});
  CHECK(parsed(R"({"num_classes": 2, "pretrained_cfg": {"label_names": ["cat", "dog"], "mean": [0.5]}})") == Labels{"cat", "dog"});
  CHECK(parsed(R"({"names": {"1": "car", "0": "person"}, "nc": 2})") == Labels{"person", "car"});
  CHECK(parsed(R"({"version": 1.5, "label2id": {"dog": 1, "cat": 0}})") == Labels{"cat", "dog"});
  CHECK(
      refused(R"({"architecture": "mixer_b16_224", "num_classes": 2})") ==
      R"(: found an object with "architecture", "num_classes", expected labels by number ({"0": "tench", ...}), or "id2label", "label_names" or the like)");
}

TEST_CASE("Numbers by label are understood as well") {
  CHECK(parsed(R"({"dog": 1, "ant": 2, "cat": 0})") == Labels{"cat", "dog", "ant"});
  CHECK(parsed("{'dog': 1, 'cat': 0}") == Labels{"cat", "dog"});
}

TEST_CASE("Pairs of a synset and a label give the label") {
  CHECK(parsed(R"([["n01440764", "tench"], ["n01443537", "goldfish"]])") == Labels{"tench", "goldfish"});
  CHECK(refused(R"([["tench", "goldfish"]])") == ": entry 0 is a list, expected a text");
}

TEST_CASE("Python lists and dicts are understood as print and pprint write them") {
  CHECK(parsed("{0: 'tench, Tinca tinca',\n 2: \"dragon's tooth\",\n 1: u'B\\xe4r',\n}\n") ==
        Labels{"tench, Tinca tinca", "Bär", "dragon's tooth"});
  CHECK(parsed("{0: ('a very long '\n     'label'),\n 1: ('n01440764', 'tench')}") == Labels{"a very long label", "tench"});
  CHECK(parsed("['tench',  # the first\n 'gold\\u0066ish', r'\\d', 'a' \"b\"]") == Labels{"tench", "goldfish", "\\d", "ab"});
  CHECK(parsed("('tench', 'goldfish')") == Labels{"tench", "goldfish"});
  CHECK(parsed("{'0': 'tench', '1': 'goldfish'}") == Labels{"tench", "goldfish"});
  CHECK(parsed("{'id2label': {0: 'tench', 1: 'goldfish'}, 'use': True, 'x': None, 'p': (1, 2.5, -3e4)}") == Labels{"tench", "goldfish"});
}

TEST_CASE("Python text that is no literal is refused") {
  CHECK(refused("{0: 'tench', 1: f(x)}") == R"x(, byte 16: found "f(x)}", expected a Python list or dict of strings and numbers)x");
  CHECK(refused("['tench'").find(", as Python") != std::string::npos);
  for (const char* text :
       {"{0: 'tench}", "{0: 'te\nnch'}", "{0: '\\q'}", "{0: '\\xz0'}", "{0: '\\U00110000'}", "{0: '\\ud800'}", "{0: __import__}",
        "{0: 'a'}}", "{0: 'a')", "{0: 'a', 0: 'b'}", "{0: 'a' 1: 'b'}", "{0: b'a'}", "('a')", "{0: 1}", "('a', 'b'", "{0: lambda: 0}"}) {
    CAPTURE(text);
    CHECK(refused(text) != "");
    CHECK(refused(text) != "no error");
  }
  CHECK(refused(std::string(1000, '(')).find("expected a Python list") != std::string::npos);
}

TEST_CASE("Numbered lines are put in the order of their numbers") {
  const Labels expected{"tench", "goldfish", "great white shark, white shark"};
  CHECK(parsed("1,goldfish\n0,tench\n2,\"great white shark, white shark\"\n") == expected);
  CHECK(parsed("index,label\n0,tench\n1,goldfish\n2,\"great white shark, white shark\"\n") == expected);
  CHECK(parsed("0: tench\n1: goldfish\n2: great white shark, white shark") == expected);
  CHECK(parsed("names:\n  0: tench\n  1: goldfish\n  2: great white shark, white shark") == expected);
  CHECK(parsed("0\ttench\n1\tgoldfish\n2\tgreat white shark, white shark") == expected);
  CHECK(parsed("0 tench\n1 goldfish\n2 great white shark, white shark") == expected);
  CHECK(parsed("label,index\ngoldfish,1\n\"great white shark, white shark\",2\ntench,0") == expected);
  CHECK(parsed("0,n01440764,tench\n1,n01443537,goldfish") == Labels{"tench", "goldfish"});
  CHECK(parsed("a,\"b \"\"c\"\"\"\n") == Labels{"a,\"b \"\"c\"\"\""});
  CHECK(parsed("0,\"b \"\"c\"\"\"\n1,d") == Labels{"b \"c\"", "d"});
}

TEST_CASE("Labels that begin with a number are labels") {
  CHECK(parsed("50 cent\n1 euro\n2 euro") == Labels{"50 cent", "1 euro", "2 euro"});
  CHECK(parsed("2nd\n1st") == Labels{"2nd", "1st"});
  CHECK(parsed("Boeing 707\nBoeing 747") == Labels{"Boeing 707", "Boeing 747"});
  CHECK(parsed("0\n1\n2") == Labels{"0", "1", "2"});
}

TEST_CASE("Numbers that are not 0, 1, 2, ... are refused") {
  CHECK(refused("1,tench\n2,goldfish") == ": found 2 numbered labels, but not number 0, expected each number from 0 to 1 once");
  CHECK(refused("0: a\n1: b\n1: c") == ": found 3 numbered labels, twice number 1, expected each number from 0 to 2 once");
  CHECK(refused(R"({"0": "a", "2": "b"})") == ": found 2 numbered labels, but not number 1, expected each number from 0 to 1 once");
  CHECK(refused(R"({"0": "a", "00": "b"})").starts_with(": found 2 numbered labels, twice number 0"));
  CHECK(refused("tench,1\ngoldfish,2").starts_with(": found 2 numbered labels, but not number 0"));
}

TEST_CASE("Synset lines give the text after the synset") {
  CHECK(parsed("n01440764 tench, Tinca tinca\nn01443537 goldfish, Carassius auratus\n") ==
        Labels{"tench, Tinca tinca", "goldfish, Carassius auratus"});
  CHECK(parsed("n01440764\ttench\nn01443537\tgoldfish\n") == Labels{"tench", "goldfish"});
  CHECK(parsed("n01440764\nn01443537\n") == Labels{"n01440764", "n01443537"});
  CHECK(refused("n02119789 1 kit_fox\nn02100735 2 English_setter\n").find("whose order is not that of a classifier's outputs") !=
        std::string::npos);
}

TEST_CASE("YAML lists are lines") {
  CHECK(parsed("names:\n- cat\n- \"dog\"\n") == Labels{"cat", "dog"});
  CHECK(parsed("- cat\n- dog\n") == Labels{"cat", "dog"});
}

TEST_CASE("UTF-16 with a byte-order mark is converted") {
  const std::u16string_view text = u"\uFEFFtench\r\nBär\r\n\U0001F41F\r\n";
  CHECK(parsed(utf16(text, true)) == Labels{"tench", "Bär", "\U0001F41F"});
  CHECK(parsed(utf16(text, false)) == Labels{"tench", "Bär", "\U0001F41F"});
  CHECK(parsed(utf16(u"\uFEFF{\"0\": \"Bär\"}", true)) == Labels{"Bär"});
  CHECK(refused(utf16(text, true).substr(0, 9)) == ": found UTF-16 of 9 bytes, expected an even number");
  std::string half = utf16(u"\uFEFFab", true);
  half[3] = '\xD8';
  CHECK(refused(half) == ", byte 2: found half of a surrogate pair, expected UTF-16");
  CHECK(refused(utf16(u"tench\nBär", true)).find("UTF-16 needs a byte-order mark") != std::string::npos);
}

TEST_CASE("Text of another kind is refused, not taken for labels") {
  CHECK(refused("labels = [\n  'tench',\n]").find(R"(line 1 is "labels = [", which looks like code)") != std::string::npos);
  CHECK(refused("labels = ['tench', 'goldfish']").find("which looks like code") != std::string::npos);
  CHECK(refused("item {\n  id: 1\n  name: 'cat'\n}\n").find(R"(line 1 is "item {", which looks like code)") != std::string::npos);
  CHECK(refused("<!DOCTYPE html>\n<html>\n").find("which looks like HTML or XML") != std::string::npos);
  CHECK(refused("cat\nB\xE4r\n").find(R"(line 2 is "B\xe4r", which is not UTF-8)") != std::string::npos);
  CHECK(refused("cat\ndo\x01g\n").find("control character") != std::string::npos);
}

TEST_CASE("A malformed label file is refused by name") {
  const tessera::test::TemporaryFolder folder;
  const auto message = [&](const std::string& content) {
    const auto path = folder.write("labels.txt", content);
    const std::string text = fixtures::error_of([&] { tessera::read_labels(path); });
    CHECK(text.starts_with(path.string()));
    return text.substr(std::min(text.size(), path.string().size() + 2));
  };
  CHECK(message("") == "found no labels, expected one label a line or a JSON array of strings");
  CHECK(message("\n \n") == "found no labels, expected one label a line or a JSON array of strings");
  CHECK(message("[]") == "found no labels, expected one label a line or a JSON array of strings");
  CHECK(message("cat\n\ndog\n") == "line 2 is empty, expected a label on every line");
  CHECK(message("[\"cat\", 7]") == "entry 1 is the number 7, expected a text");
  CHECK(message("[\"cat\", [\"dog\"]]") == "entry 1 is a list, expected a text");
  CHECK(message("[\"cat\"").find("found malformed JSON") != std::string::npos);
  CHECK(message("[\"cat\"] and more").find("found malformed JSON") != std::string::npos);
  CHECK(message("[\"\xFF\"]").find("found malformed JSON") != std::string::npos);
  CHECK(message(std::string(1'000'000, '[')).find("JSON of more than 64 levels") != std::string::npos);
  CHECK(message("[\"" + std::string(1'000'000, 'a')).size() < 400);
  std::string lines;
  for (int i = 0; i <= 1'000'000; ++i) lines += "a\n";
  CHECK(message(lines) == "found more than 1000000 lines, expected a label file");
  CHECK(message(std::string((std::size_t{16} << 20) + 1, 'a')).starts_with("found more than 16777216 bytes"));
  CHECK_THROWS_AS(tessera::read_labels(folder.path()), tessera::Error);
  CHECK_THROWS_AS(tessera::read_labels(folder.path() / "none"), tessera::Error);
}
