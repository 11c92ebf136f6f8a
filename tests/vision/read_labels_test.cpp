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

TEST_CASE("A malformed label file is refused by name") {
  const tessera::test::TemporaryFolder folder;
  const auto message = [&](const std::string& content) {
    const auto path = folder.write("labels.txt", content);
    const std::string text = fixtures::error_of([&] { tessera::read_labels(path); });
    CHECK(text.starts_with(path.string() + ": "));
    return text.substr(std::min(text.size(), path.string().size() + 2));
  };
  CHECK(message("") == "found no labels, expected one label a line or a JSON array of strings");
  CHECK(message("\n \n") == "found no labels, expected one label a line or a JSON array of strings");
  CHECK(message("[]") == "found no labels, expected one label a line or a JSON array of strings");
  CHECK(message("cat\n\ndog\n") == "line 2 is empty, expected a label on every line");
  CHECK(message("[\"cat\", 7]") == "entry 1 is of type number, expected a string");
  CHECK(message("[\"cat\", [\"dog\"]]") == "entry 1 is of type array, expected a string");
  CHECK(message("[\"cat\"").starts_with("found malformed JSON ("));
  CHECK(message("[\"cat\"] and more").starts_with("found malformed JSON ("));
  CHECK(message("[\"\xFF\"]").starts_with("found malformed JSON ("));
  CHECK(message(std::string(1'000'000, '[')).starts_with("found malformed JSON ("));
  CHECK(message("[\"" + std::string(1'000'000, 'a')).size() < 400);
  std::string lines;
  for (int i = 0; i <= 1'000'000; ++i) lines += "a\n";
  CHECK(message(lines) == "found more than 1000000 lines, expected a label file");
  CHECK(message(std::string((std::size_t{16} << 20) + 1, 'a')).starts_with("found more than 16777216 bytes"));
  CHECK_THROWS_AS(tessera::read_labels(folder.path()), tessera::Error);
  CHECK_THROWS_AS(tessera::read_labels(folder.path() / "none"), tessera::Error);
}
