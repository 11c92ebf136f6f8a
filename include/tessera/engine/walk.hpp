// SPDX-License-Identifier: MIT
#pragma once

// A walk over the steps of a lowered network, at compile time or at run time, without running it: which names of intermediate results there
// are, which layers have no fast step. A walker derives from Walker and hides the functions that it is interested in.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/shape.hpp"
#include "tessera/engine/unnamed.hpp"
#include "tessera/layers/kind.hpp"
#include "tessera/layers/named.hpp"

namespace tessera {

// A layer that runs its reference forward. Of the members of a Repeat, the first one stands for all.
struct ReferenceLayer {
  std::string_view path;  // the name of the step, such as blocks.0.gate; of a layer without a name, that of what it is in
  std::string_view kind;  // its type without arguments, such as Gated
};

namespace detail {

class Walker {
 public:
  // A step begins and ends. named: its result is shown under its name. shape: of the result, as far as it is known.
  constexpr void enter(std::string_view label) { push(label); }
  constexpr void leave(bool /*named*/, Shape /*shape*/) { pop(); }
  // A result inside of the running step that is made for whoever wants it.
  constexpr void show(std::string_view /*label*/, Shape /*shape*/) {}
  // A step that consists of no others. Layer is the specification of what it computes, Bound the same with its shape.
  template <class Step, class Layer, class Bound>
  constexpr void leaf(Shape /*in*/, Shape /*out*/) {}
  // How many members of a Repeat are walked over, and the beginning of one. It ends with leave().
  constexpr int members(int count) const { return count; }
  constexpr void enter_member(int index, int /*count*/) { push_number(index); }

  // The name of the running step, such as blocks.3, empty for the network itself.
  constexpr std::string_view path() const { return {text_.data(), size_}; }

 protected:
  constexpr void push(std::string_view label) {
    sizes_.at(depth_++) = size_;
    if (size_ > 0 && !label.empty()) append('.');
    for (const char c : label) append(c);
  }
  constexpr void push_number(int number) {
    std::array<char, 12> digits{};
    std::size_t first = digits.size();
    do digits[--first] = static_cast<char>('0' + number % 10);
    while ((number /= 10) > 0);
    push({digits.data() + first, digits.size() - first});
  }
  constexpr void append(char c) { text_.at(size_++) = c; }
  constexpr void pop() { size_ = sizes_[--depth_]; }

 private:
  std::array<char, 512> text_{};
  std::array<std::size_t, 64> sizes_{};
  std::size_t size_ = 0, depth_ = 0;
};

// What is inside of a step. Layer is what it computes, Bound the same with its shape.
template <class Step, class Layer, class Bound, class Walk>
constexpr void walk_inside(Walk& walk, Shape in, Shape out) {
  if constexpr (requires { Step::walk(walk, in); }) {
    Step::walk(walk, in);
  } else {
    walk.template leaf<Step, Layer, Bound>(in, out);
  }
  if constexpr (requires { Step::branch_label; })
    if (!Step::branch_label.empty()) walk.show(Step::branch_label, out);
}

// A step for one layer, or for several neighbours. Labelled is the one whose name the result has.
template <class Step, class Labelled, class Layer, class Bound, class Walk>
constexpr void walk_step(Walk& walk, Shape in) {
  const Shape out = in.fixed() ? detail::output_shape<Bound>(in) : Shape{Bound::output};
  walk.enter(label_of<Labelled>);
  walk_inside<Step, Layer, Bound>(walk, in, out);
  walk.leave(!label_of<Labelled>.empty(), out);
}

// The names of all intermediate results, in the order in which they are made.
class NameList : public Walker {
 public:
  void leave(bool named, Shape) {
    if (named) names.emplace_back(path());
    pop();
  }
  void show(std::string_view label, Shape) {
    push(label);
    names.emplace_back(path());
    pop();
  }
  std::vector<std::string> names;
};

// The shape of the result of a name, of which `found` says whether there is one.
class NameFinder : public Walker {
 public:
  constexpr explicit NameFinder(std::string_view name) : name_(name) {}
  constexpr void leave(bool named, Shape result) {
    if (named && path() == name_) note(result);
    pop();
  }
  constexpr void show(std::string_view label, Shape result) {
    push(label);
    if (path() == name_) note(result);
    pop();
  }
  bool found = false;
  Shape shape;

 private:
  constexpr void note(Shape of_result) {
    found = true;
    shape = of_result;
  }
  std::string_view name_;
};

// Counts the layers without a fast step, and may write their paths one after another to a text, or list them with their paths in that text.
class ReferenceWalker : public Walker {
 public:
  constexpr int members(int) const { return 1; }
  template <class Step, class Layer, class>
  constexpr void leaf(Shape, Shape) {
    if constexpr (requires { Step::runs_reference; }) {
      if (write != nullptr) std::copy_n(path().data(), path().size(), write + characters);
      if (list != nullptr) list[count] = {{read + characters, path().size()}, kind_of<Unnamed<Layer>>()};
      ++count;
      characters += path().size();
    }
  }
  std::size_t count = 0, characters = 0;
  char* write = nullptr;
  const char* read = nullptr;
  ReferenceLayer* list = nullptr;
};

// Of a program for the shape In.
template <class Program, Shape In>
struct ReferenceLayers {
  static constexpr ReferenceWalker walk(char* write, const char* read, ReferenceLayer* layers) {
    ReferenceWalker walker;
    walker.write = write;
    walker.read = read;
    walker.list = layers;
    Program::walk(walker, In);
    return walker;
  }
  static constexpr std::size_t count = walk(nullptr, nullptr, nullptr).count;
  static constexpr auto paths = [] {
    std::array<char, walk(nullptr, nullptr, nullptr).characters + 1> text{};
    walk(text.data(), nullptr, nullptr);
    return text;
  }();
  static constexpr std::array<ReferenceLayer, count> list = [] {
    std::array<ReferenceLayer, count> layers{};
    if constexpr (count > 0) walk(nullptr, paths.data(), layers.data());
    return layers;
  }();
};

}  // namespace detail
}  // namespace tessera
