#include "support/allocation_count.hpp"

#include <atomic>

namespace {

std::atomic<std::size_t> count{0};

}  // namespace

namespace mediaswitch::test {

std::size_t allocation_count() { return count.load(); }

}  // namespace mediaswitch::test

// GCC tells of a sanitizer by a macro, clang by a feature.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MEDIASWITCH_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEDIASWITCH_SANITIZED
#endif

#ifdef MEDIASWITCH_SANITIZED

// The sanitizers have their own allocator and tell of each use.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, std::size_t),
                                                         void (*on_free)(const volatile void*));

namespace {

const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { count.fetch_add(1, std::memory_order_relaxed); },
    [](const volatile void*) {});

}  // namespace

#elif defined(__GLIBC__)

// glibc lets a program put its own functions before the library's; operator new calls malloc.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t items, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* malloc(std::size_t size) {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
void* calloc(std::size_t items, std::size_t size) {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(items, size);
}
void* realloc(void* block, std::size_t size) {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(block, size);
}
}

#else
#error "no way is known here to count allocations"
#endif
