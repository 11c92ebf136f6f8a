// SPDX-License-Identifier: MIT
// What zig's C++ library for WASI does not have: exceptions end the program, and destructors of thread-local objects are not run.
#include <cstdio>
#include <cstdlib>

extern "C" {
void* __cxa_allocate_exception(std::size_t size) { return std::malloc(size); }
void __cxa_throw(void*, void*, void (*)(void*)) {
  std::fputs("an exception was thrown\n", stderr);
  std::abort();
}
int __cxa_thread_atexit(void (*)(void*), void*, void*) { return 0; }
}
