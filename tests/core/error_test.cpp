// SPDX-License-Identifier: MIT
#include "tessera/core/error.hpp"

#include <clocale>
#include <locale>
#include <sstream>

#include "catch.hpp"
#include "tessera/core/misfit_error.hpp"
#include "tessera/core/shape.hpp"

using namespace tessera;

TEST_CASE("A message joins texts, numbers and shapes") {
  const std::string file = "a.pth";
  CHECK(detail::concat(file, ": found ", 3, " of ", std::size_t{4}, ' ', -5LL, ' ', 0.5F, " in ", Shape{2, 3, Dynamic}) ==
        "a.pth: found 3 of 4 -5 0.5 in 2×3×?");
  CHECK(detail::concat(std::string_view("abc").substr(1)) == "bc");
  CHECK(detail::concat(std::uint64_t{18446744073709551615U}, ' ', std::int64_t{-9223372036854775807}) ==
        "18446744073709551615 -9223372036854775807");
}

TEST_CASE("Real numbers have six digits, as printf's %g gives them") {
  CHECK(detail::concat(1.0 / 3) == "0.333333");
  CHECK(detail::concat(1e-7F) == "1e-07");
  CHECK(detail::concat(123456789.0) == "1.23457e+08");
  CHECK(detail::concat(100.0) == "100");
  CHECK(detail::concat(std::numeric_limits<double>::quiet_NaN(), ' ', -std::numeric_limits<double>::infinity()) == "nan -inf");
}

namespace {
struct Grouped : std::numpunct<char> {
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
  char do_decimal_point() const override { return ','; }
};
}  // namespace

TEST_CASE("Messages do not depend on the locale") {
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Grouped));
  std::ostringstream out;
  out << 13992;
  const std::string message = detail::concat(13992, ' ', 1.5, ' ', Shape{1000, 2000, 3});
  std::locale::global(before);
  REQUIRE(out.str() == "13.992");
  CHECK(message == "13992 1.5 1000×2000×3");
}

TEST_CASE("An error has a kind") {
  try {
    detail::fail("found ", 1);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::wrong_argument);
    CHECK(error.what() == std::string("found 1"));
  }
  try {
    detail::fail(ErrorKind::damaged, "file: found ", 1);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::damaged);
    CHECK(error.what() == std::string("file: found 1"));
  }
}

TEST_CASE("A misfit is an error with lists") {
  try {
    throw MisfitError("does not fit", {"a"}, {"b", "c"}, {{"d", {1, 2}, {3}}});
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::does_not_fit);
  }
  const MisfitError error("does not fit", {"a"}, {"b", "c"}, {{"d", {1, 2}, {3}}});
  CHECK(error.surplus.size() == 2);
  CHECK(error.misshapen[0].expected == std::vector<std::int64_t>{3});
}

TEST_CASE("Text from a file is fit for a message") {
  CHECK(detail::quote("a\nb\xff") == "\"a\\x0ab\\xff\"");
  CHECK(detail::printable("abcdef", 3) == "abc...");
}
