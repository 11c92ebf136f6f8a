// SPDX-License-Identifier: MIT
#pragma once

// What each opcode of a pickle does to the stack. What is made of classes, functions and their arguments is in pickle_inl.hpp.

#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/io/pickle.hpp"

namespace tessera::detail {

// Opcodes with their names in CPython. Each group knows its own and leaves the others alone.
TESSERA_COLD_INLINE void Pickle::run() {
  const std::uint8_t first = next_opcode();
  if (first == 0x80) {  // PROTO
    const std::uint64_t protocol = take_number(1);
    if (protocol > 5) bad(concat("found protocol ", protocol, ", expected 0 to 5"));
  }
  for (std::uint8_t code = first == 0x80 ? next_opcode() : first; code != '.'; code = next_opcode())  // STOP
    if (!run_stack(code) && !run_number(code) && !run_text(code) && !run_container(code) && !run_object(code))
      bad(concat("found opcode ", int{code}, ", which no state dict needs"));
  root_ = finish();
}

TESSERA_COLD_INLINE bool Pickle::run_stack(std::uint8_t code) {
  switch (code) {
    case '(':  // MARK
      return mark(), true;
    case '0':  // POP: of a value, or of a mark that has none above it
      return available() == 0 ? pop_marked() : pop_last(1), true;
    case '1':  // POP_MARK
      return pop_marked(), true;
    case '2':  // DUP
      return push_again(top()), true;
    case 'q':  // BINPUT
      return memorise(take_number(1)), true;
    case 'r':  // LONG_BINPUT
      return memorise(take_number(4)), true;
    case 'h':  // BINGET
      return recall(take_number(1)), true;
    case 'j':  // LONG_BINGET
      return recall(take_number(4)), true;
    case 0x94:  // MEMOIZE
      return memorise(), true;
    case 'p':    // PUT
    case 'g': {  // GET
      push_decimal(take_line());
      const std::int64_t index = value(pop(PickleKind::integer)).number;
      if (index < 0) bad("found a negative memo");
      return code == 'p' ? memorise(static_cast<std::uint64_t>(index)) : recall(static_cast<std::uint64_t>(index)), true;
    }
    case 0x95: {  // FRAME
      const std::uint64_t size = take_number(8);
      if (size > bytes_left()) bad(concat("found a frame of ", size, " bytes, but only ", bytes_left(), " follow"));
      return true;
    }
    default:
      return false;
  }
}

TESSERA_COLD_INLINE bool Pickle::run_number(std::uint8_t code) {
  switch (code) {
    case 'N':  // NONE
      return push({}), true;
    case 0x88:  // NEWTRUE
      return push({PickleKind::boolean, 1}), true;
    case 0x89:  // NEWFALSE
      return push({PickleKind::boolean, 0}), true;
    case 'K':  // BININT1
      return push({PickleKind::integer, static_cast<std::int64_t>(take_number(1))}), true;
    case 'M':  // BININT2
      return push({PickleKind::integer, static_cast<std::int64_t>(take_number(2))}), true;
    case 'J':  // BININT
      return push({PickleKind::integer, static_cast<std::int32_t>(static_cast<std::uint32_t>(take_number(4)))}), true;
    case 0x8a:  // LONG1
      return push_long(take(take_number(1))), true;
    case 0x8b:  // LONG4
      return push_long(take(take_number(4))), true;
    case 'I': {  // INT: decimal digits, or a bool
      const std::string_view line = take_line();
      if (line == "00" || line == "01") return push({PickleKind::boolean, line == "01"}), true;
      return push_decimal(line), true;
    }
    case 'L': {  // LONG: decimal digits and L
      std::string_view line = take_line();
      if (line.ends_with('L')) line.remove_suffix(1);
      return push_decimal(line), true;
    }
    case 'G':  // BINFLOAT
      return take(8), push({PickleKind::opaque}), true;
    case 'F':  // FLOAT
      return take_line(), push({PickleKind::opaque}), true;
    default:
      return false;
  }
}

TESSERA_COLD_INLINE bool Pickle::run_text(std::uint8_t code) {
  switch (code) {
    case 'X':  // BINUNICODE
    case 'T':  // BINSTRING, the texts of Python 2
      return push({PickleKind::text, 0, take(take_number(4))}), true;
    case 0x8c:  // SHORT_BINUNICODE
    case 'U':   // SHORT_BINSTRING
      return push({PickleKind::text, 0, take(take_number(1))}), true;
    case 0x8d:  // BINUNICODE8
      return push({PickleKind::text, 0, take(take_number(8))}), true;
    case 'V':  // UNICODE
      return push({PickleKind::text, 0, take_line()}), true;
    case 'S': {  // STRING: in quotation marks
      std::string_view line = take_line();
      if (line.size() < 2 || line.front() != line.back() || (line.front() != '\'' && line.front() != '"'))
        bad("found the text " + quote(line) + ", expected one in quotation marks");
      line.remove_prefix(1);
      line.remove_suffix(1);
      return push({PickleKind::text, 0, line}), true;
    }
    case 'B':  // BINBYTES
      return take(take_number(4)), push({PickleKind::opaque}), true;
    case 'C':  // SHORT_BINBYTES
      return take(take_number(1)), push({PickleKind::opaque}), true;
    case 0x8e:  // BINBYTES8
    case 0x96:  // BYTEARRAY8
      return take(take_number(8)), push({PickleKind::opaque}), true;
    default:
      return false;
  }
}

TESSERA_COLD_INLINE bool Pickle::run_container(std::uint8_t code) {
  switch (code) {
    case '}':  // EMPTY_DICT
      return push({PickleKind::dict}), true;
    case ']':  // EMPTY_LIST
      return push({PickleKind::list}), true;
    case ')':  // EMPTY_TUPLE
      return push({PickleKind::tuple}), true;
    case 't':  // TUPLE
      return push({PickleKind::tuple, 0, {}, pop_marked()}), true;
    case 0x85:  // TUPLE1
    case 0x86:  // TUPLE2
    case 0x87:  // TUPLE3
      return push({PickleKind::tuple, 0, {}, pop_last(code - std::size_t{0x84})}), true;
    case 'l':  // LIST
      return push({PickleKind::list, 0, {}, pop_marked()}), true;
    case 'd': {  // DICT
      std::vector<PickleRef> items = pop_marked();
      if (items.size() % 2 != 0) bad("found a key without a value");
      return push({PickleKind::dict, 0, {}, std::move(items)}), true;
    }
    case 'a':  // APPEND
      return extend(PickleKind::list, pop_last(1)), true;
    case 'e':  // APPENDS
      return extend(PickleKind::list, pop_marked()), true;
    case 's':  // SETITEM
      return extend(PickleKind::dict, pop_last(2)), true;
    case 'u':  // SETITEMS
      return extend(PickleKind::dict, pop_marked()), true;
    case 0x8f:  // EMPTY_SET
      return push({PickleKind::opaque}), true;
    case 0x90:  // ADDITEMS
      return pop_marked(), expect(value(top()), PickleKind::opaque, "what is added to"), true;
    case 0x91:  // FROZENSET
      return pop_marked(), push({PickleKind::opaque}), true;
    default:
      return false;
  }
}

TESSERA_COLD_INLINE bool Pickle::run_object(std::uint8_t code) {
  switch (code) {
    case 'c': {  // GLOBAL
      const std::string_view module = take_line();
      return push_global(module, take_line()), true;
    }
    case 0x93: {  // STACK_GLOBAL
      const std::string_view name = value(pop(PickleKind::text)).text;
      return push_global(value(pop(PickleKind::text)).text, name), true;
    }
    case 'Q':  // BINPERSID
      return push_persistent(pop()), true;
    case 'R': {  // REDUCE: calls a function or class with a tuple of arguments
      const PickleRef arguments = pop();
      return call(pop(), arguments), true;
    }
    case 0x81: {  // NEWOBJ: an object of a class, made with a tuple of arguments
      pop();
      return push_opaque(pop()), true;
    }
    case 0x92: {  // NEWOBJ_EX: likewise, and with a dict of arguments
      pop_last(2);
      return push_opaque(pop()), true;
    }
    case 'i': {  // INST
      const std::string_view module = take_line(), name = take_line();
      pop_marked();
      push_global(module, name);
      return push_opaque(pop()), true;
    }
    case 'o': {  // OBJ
      const std::vector<PickleRef> parts = pop_marked();
      if (parts.empty()) bad("found an object without a class");
      return push_opaque(parts[0]), true;
    }
    case 'b':  // BUILD
      return build(), true;
    default:
      return false;
  }
}

}  // namespace tessera::detail
