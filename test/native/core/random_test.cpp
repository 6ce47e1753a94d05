#include "core/random.hpp"

#include <doctest/doctest.h>
#include <set>

using namespace mediaswitch;

TEST_CASE("the same seed gives the same numbers, another one others") {
  Random one({1, 2, 3, 4});
  Random same({1, 2, 3, 4});
  Random other({1, 2, 3, 5});
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const auto number = one.next64();
    CHECK(number == same.next64());
    differs = differs || number != other.next64();
  }
  CHECK(differs);
}

TEST_CASE("the first numbers are those of the algorithm's reference") {
  // xoshiro256** with the state {1, 2, 3, 4}: rotl(2 * 5, 7) * 9, then by hand once more.
  Random random({1, 2, 3, 4});
  CHECK(random.next64() == 11520);
  CHECK(random.next64() == 0);
}

TEST_CASE("an all-zero seed is not stuck, and forks differ") {
  Random random({0, 0, 0, 0});
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.next64());
  CHECK(seen.size() > 990);
  Random left(random.fork());
  Random right(random.fork());
  CHECK(left.next64() != right.next64());
}
