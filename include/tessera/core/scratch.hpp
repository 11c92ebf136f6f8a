// SPDX-License-Identifier: MIT
#pragma once

// Working memory of one running forward pass, taken and given back like a stack. One object per thread; its size is known
// before the first image, so that nothing is allocated while images are processed.

#include <cstddef>

#include "tessera/core/buffer.hpp"
#include "tessera/core/error.hpp"
#include "tessera/core/tensor.hpp"

namespace tessera {

class Scratch {
 public:
  explicit Scratch(std::size_t floats) : memory_(floats) {}

  std::size_t capacity() const { return memory_.size(); }

  // What a request of n floats uses up: every piece starts at a multiple of 64 bytes.
  static constexpr std::size_t rounded(std::size_t floats) {
    constexpr std::size_t step = Buffer::alignment / sizeof(float);
    return (floats + step - 1) / step * step;
  }
  static constexpr std::size_t rounded(Shape shape) { return rounded(static_cast<std::size_t>(shape.size())); }

  // Everything taken through a frame is given back at the end of its scope. The contents start undefined.
  class Frame {
   public:
    explicit Frame(Scratch& scratch) : scratch_(scratch), mark_(scratch.used_) {}
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    ~Frame() { scratch_.used_ = mark_; }

    float* take(std::size_t floats) { return scratch_.take(floats); }
    template <Shape S>
    MutableView<S> take(Shape shape) {
      return {take(static_cast<std::size_t>(shape.size())), shape};
    }

   private:
    Scratch& scratch_;
    std::size_t mark_;
  };

 private:
  float* take(std::size_t floats) {
    const std::size_t size = rounded(floats);
    if (size > memory_.size() - used_) detail::fail("Scratch: found room for ", memory_.size() - used_, " floats, expected ", size);
    float* const piece = memory_.data() + used_;
    used_ += size;
    return piece;
  }

  Buffer memory_;
  std::size_t used_ = 0;
};

}  // namespace tessera
