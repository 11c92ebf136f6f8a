// SPDX-License-Identifier: MIT
#pragma once

// FunctionRef<void(int)>: something that can be called with an int, of any type, for as long as the call lasts that it is handed to. What
// takes a FunctionRef is compiled once and not once for every lambda. It owns nothing.

#include <memory>

namespace tessera::detail {

template <class Signature>
class FunctionRef;

template <class... Arguments>
class FunctionRef<void(Arguments...)> {
 public:
  template <class F>
  FunctionRef(const F& f)
      : object_(std::addressof(f)),
        call_([](const void* object, Arguments... arguments) { (*static_cast<const F*>(object))(arguments...); }) {}

  void operator()(Arguments... arguments) const { call_(object_, arguments...); }

 private:
  const void* object_;
  void (*call_)(const void*, Arguments...);
};

}  // namespace tessera::detail
