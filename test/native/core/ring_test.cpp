#include "core/ring.hpp"

#include <array>
#include <cstdint>
#include <doctest/doctest.h>
#include <thread>
#include <vector>

#include "support/allocation_count.hpp"

using namespace mediaswitch;

namespace {

std::vector<int> pop_all(Ring<int>& ring) {
  std::vector<int> values(ring.size());
  values.resize(ring.pop(values));
  return values;
}

}  // namespace

TEST_CASE("a ring gives back what it was given, in order, over its end and on") {
  Ring<int> ring(5);
  CHECK(ring.capacity() == 5);
  int next_in = 0;
  int next_out = 0;
  for (int round = 0; round < 40; ++round) {
    std::array<int, 3> in{};
    for (int& each : in) each = next_in++;
    REQUIRE(ring.push(in) == 3);
    CHECK(ring.size() == 3);
    std::array<int, 2> out{};
    REQUIRE(ring.pop(out) == 2);
    CHECK(out == std::array{next_out, next_out + 1});
    int last = 0;
    REQUIRE(ring.pop(last));
    CHECK(last == next_out + 2);
    next_out += 3;
  }
}

TEST_CASE("a full ring takes what fits, an empty one gives what there is") {
  Ring<int> ring(4);
  int value = 0;
  CHECK_FALSE(ring.pop(value));
  CHECK(ring.room() == 4);
  CHECK(ring.push(std::array{1, 2, 3}) == 3);
  CHECK(ring.room() == 1);
  CHECK(ring.push(std::array{4, 5, 6}) == 1);
  CHECK_FALSE(ring.push(7));
  CHECK(ring.room() == 0);
  CHECK(ring.size() == 4);
  std::array<int, 9> out{};
  CHECK(ring.pop(out) == 4);
  CHECK(out == std::array{1, 2, 3, 4, 0, 0, 0, 0, 0});
  CHECK(ring.room() == 4);
  CHECK(ring.push(8));
  CHECK(pop_all(ring) == std::vector{8});
  CHECK(ring.push(std::span<const int>{}) == 0);
  CHECK(ring.pop(std::span<int>{}) == 0);
}

TEST_CASE("a ring of one") {
  Ring<int> ring(1);
  for (int i = 0; i < 3; ++i) {
    CHECK(ring.push(i));
    CHECK_FALSE(ring.push(-1));
    int value = -1;
    CHECK(ring.pop(value));
    CHECK(value == i);
  }
}

TEST_CASE("two threads: every number comes once, in order, whatever the lengths asked for") {
  constexpr std::uint32_t total = 300'000;
  Ring<std::uint32_t> ring(97);
  std::thread writer([&] {
    std::array<std::uint32_t, 64> batch{};
    std::uint32_t next = 0;
    std::size_t length = 1;
    while (next < total) {
      length = length % batch.size() + 1;
      const std::size_t count = std::min<std::size_t>(length, total - next);
      for (std::size_t i = 0; i < count; ++i) batch.at(i) = next + static_cast<std::uint32_t>(i);
      const std::size_t pushed = ring.push(std::span(batch).first(count));
      next += static_cast<std::uint32_t>(pushed);
      if (pushed == 0) std::this_thread::yield();
    }
  });
  std::array<std::uint32_t, 41> batch{};
  std::uint32_t expected = 0;
  std::uint32_t wrong = 0;
  std::size_t length = 1;
  while (expected < total) {
    length = length % batch.size() + 1;
    const std::size_t popped = ring.pop(std::span(batch).first(length));
    for (std::size_t i = 0; i < popped; ++i) wrong += batch.at(i) == expected++ ? 0 : 1;
    if (popped == 0) std::this_thread::yield();
    if (ring.size() > ring.capacity()) ++wrong;
  }
  writer.join();
  CHECK(wrong == 0);
  CHECK(ring.size() == 0);
}

TEST_CASE("two threads: a value is whole when its count is seen") {
  struct Wide {
    std::array<std::uint64_t, 16> words;
  };
  constexpr std::uint64_t total = 30'000;
  Ring<Wide> ring(3);
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < total;) {
      Wide value{};
      value.words.fill(i);
      if (ring.push(value)) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  std::uint64_t torn = 0;
  for (std::uint64_t i = 0; i < total;) {
    Wide value{};
    if (!ring.pop(value)) {
      std::this_thread::yield();
      continue;
    }
    for (const std::uint64_t word : value.words) torn += word == i ? 0 : 1;
    ++i;
  }
  writer.join();
  CHECK(torn == 0);
}

TEST_CASE("a ring asks for no memory once it is made") {
  Ring<int> ring(100);
  std::array<int, 70> values{};
  const std::size_t before = test::allocation_count();
  for (int i = 0; i < 100; ++i) {
    ring.push(values);
    ring.push(i);
    ring.pop(values);
  }
  CHECK(test::allocation_count() == before);
}
