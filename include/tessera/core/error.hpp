// SPDX-License-Identifier: MIT
#pragma once

// The exceptions of the library. A message names the file or argument, what was found and what was expected; kind() says the same to a
// program. Messages do not depend on the locale. Nothing here needs run-time type information.
//
// Without exceptions (-fno-exceptions) core, layers, models and engine work, and an error prints its message to the standard error output
// and calls std::abort. Reading files and images needs exceptions.

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tessera/core/compiled.hpp"

namespace tessera {

struct Shape;

enum class ErrorKind {
  wrong_argument,   // the program asked for what cannot be: a shape, a name, a count
  no_such_file,     // there is no file of this name
  system,           // the operating system refuses to read, write or map a file
  wrong_file_type,  // not a file of a type that the library reads
  damaged,          // a file of a known type that breaks the rules of its type, or of which a part is missing
  does_not_fit,     // a sound file that is for something else: another network, another number of classes
};

class Error : public std::runtime_error {
 public:
  // With the text that what() gives.
  explicit Error(const std::string& message, ErrorKind kind = ErrorKind::wrong_argument) : std::runtime_error(message), kind_(kind) {}
  // What is wrong.
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

namespace detail {

// One part of a message, as long as the call lasts: a text, a number (real numbers with six digits, as "%g" prints them), or a shape. A
// class and plain functions, because each of the library's many messages costs compile time.
class Part {
 public:
  constexpr Part() : Part(std::string_view()) {}
  constexpr Part(const char* text) : Part(std::string_view(text)) {}
  constexpr Part(std::string_view text) : kind_(Kind::text), size_(text.size()), text_(text.data()) {}
  Part(const std::string& text) : Part(std::string_view(text)) {}
  constexpr Part(char character) : kind_(Kind::character), signed_(character) {}
  constexpr Part(int number) : Part(static_cast<long long>(number)) {}
  constexpr Part(long number) : Part(static_cast<long long>(number)) {}
  constexpr Part(long long number) : kind_(Kind::signed_number), signed_(number) {}
  constexpr Part(unsigned number) : Part(static_cast<unsigned long long>(number)) {}
  constexpr Part(unsigned long number) : Part(static_cast<unsigned long long>(number)) {}
  constexpr Part(unsigned long long number) : kind_(Kind::unsigned_number), unsigned_(number) {}
  constexpr Part(float number) : Part(static_cast<double>(number)) {}
  constexpr Part(double number) : kind_(Kind::real_number), real_(number) {}
  constexpr Part(const Shape& shape) : kind_(Kind::shape), shape_(&shape) {}
  // What quote() makes of a text.
  static constexpr Part in_quotes(std::string_view text) {
    Part part(text);
    part.kind_ = Kind::quoted;
    return part;
  }
  // 3×4, or the word scalar.
  static constexpr Part extents(const std::int64_t* first, std::size_t count) {
    Part part;
    part.kind_ = Kind::extents;
    part.extents_ = first;
    part.size_ = count;
    return part;
  }
  // A constant with a name, such as DType.
  template <class T>
    requires requires(T value) { std::string_view(name_of(value)); }
  constexpr Part(T value) : Part(std::string_view(name_of(value))) {}

  void append_to(std::string& text) const;

 private:
  enum class Kind { text, quoted, extents, character, signed_number, unsigned_number, real_number, shape };

  Kind kind_;
  std::size_t size_ = 0;
  union {
    const char* text_;
    const std::int64_t* extents_;
    long long signed_;
    unsigned long long unsigned_;
    double real_;
    const Shape* shape_;
  };
};
constexpr Part in_quotes(std::string_view text) { return Part::in_quotes(text); }
inline constexpr Part no_part;
using PartRef = const Part&;

// Joins up to sixteen parts: concat("found ", 3, " of ", 4).
std::string concat(PartRef a, PartRef b = no_part, PartRef c = no_part, PartRef d = no_part, PartRef e = no_part, PartRef f = no_part,
                   PartRef g = no_part, PartRef h = no_part, PartRef i = no_part, PartRef j = no_part, PartRef k = no_part,
                   PartRef l = no_part, PartRef m = no_part, PartRef n = no_part, PartRef o = no_part, PartRef p = no_part);

// Throws an Error whose message is made of up to sixteen parts.
[[noreturn]] void fail(ErrorKind kind, PartRef a, PartRef b = no_part, PartRef c = no_part, PartRef d = no_part, PartRef e = no_part,
                       PartRef f = no_part, PartRef g = no_part, PartRef h = no_part, PartRef i = no_part, PartRef j = no_part,
                       PartRef k = no_part, PartRef l = no_part, PartRef m = no_part, PartRef n = no_part, PartRef o = no_part,
                       PartRef p = no_part);
// The same for a wrong argument.
[[noreturn]] void fail(PartRef a, PartRef b = no_part, PartRef c = no_part, PartRef d = no_part, PartRef e = no_part, PartRef f = no_part,
                       PartRef g = no_part, PartRef h = no_part, PartRef i = no_part, PartRef j = no_part, PartRef k = no_part,
                       PartRef l = no_part, PartRef m = no_part, PartRef n = no_part, PartRef o = no_part, PartRef p = no_part);

// Text from a file, fit for a message: ASCII without control characters, at most `longest` characters of it.
std::string printable(std::string_view text, std::size_t longest = 160);
// The same in quotation marks.
std::string quote(std::string_view text);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/core/error_inl.hpp"
#endif
