// SPDX-License-Identifier: MIT
//
// "A forward pass allocates nothing", proved by counting every call of malloc and its relatives. A program of its own, because it
// replaces them.

#include <atomic>
#include <cstddef>

#include "catch.hpp"
#include "networks.hpp"
#include "random.hpp"
#include "tessera/threads/thread_pool_workers.hpp"

namespace {
std::atomic<long> allocations{0};
}

// glibc's allocator under its second name.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* p, std::size_t size) {
  ++allocations;
  return __libc_realloc(p, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
}

TEMPLATE_LIST_TEST_CASE("A forward pass allocates nothing", "", Networks) {
  const tessera::Model<TestType> model(random_weights<TestType>());
  tessera::Scratch scratch = model.make_scratch();
  const auto x = random_tensor<TestType::input>();
  tessera::Tensor<TestType::output> y;
  const long before = allocations;
  model.forward(x.view(), y.view(), scratch);
  const long after = allocations;
  REQUIRE(after == before);
  const auto other = model(x);  // returns memory of its own, so the counter must move
  REQUIRE(allocations > after);
  REQUIRE(std::equal(y.begin(), y.end(), other.begin()));
}

TEMPLATE_LIST_TEST_CASE("A forward pass with threads allocates nothing", "", Networks) {
  const tessera::Model<TestType> model(random_weights<TestType>());
  tessera::ThreadPoolWorkers workers(3);
  tessera::Scratch scratch = model.make_scratch(workers);
  const tessera::Batch<TestType::input> x(4);
  tessera::Batch<TestType::output> y(4);
  model.forward(x, y, scratch);  // the pool's threads may allocate when they start
  const long before = allocations;
  model.forward(x, y, scratch);
  model.forward(x[0], y[0], scratch);
  REQUIRE(allocations == before);
}

TEST_CASE("A forward pass with products of bytes allocates nothing") {
  using Tiny = std::tuple_element_t<0, Networks>;
  const tessera::Model<Tiny, tessera::int8_engine> model(random_weights<Tiny>());
  tessera::Scratch scratch = model.make_scratch();
  const auto x = random_tensor<Tiny::input>();
  tessera::Tensor<Tiny::output> y;
  const long before = allocations;
  model.forward(x.view(), y.view(), scratch);
  REQUIRE(allocations == before);
}
