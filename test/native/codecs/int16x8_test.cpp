#include "codecs/int16x8.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <doctest/doctest.h>

#include "core/random.hpp"

using namespace mediaswitch;

namespace {

using Eight = std::array<std::int16_t, 8>;
using Four = std::array<std::int32_t, 4>;

Eight eight(Int16x8 value) { return std::bit_cast<Eight>(value); }
Four four(Int32x4 value) { return std::bit_cast<Four>(value); }

/// Often the ends of the range.
Int16x8 drawn(Random& random) {
  Eight numbers{};
  for (std::int16_t& number : numbers) {
    const std::uint16_t bits = random.next16();
    const bool at_an_end = random.next16() % 4 == 0;
    number = static_cast<std::int16_t>(at_an_end ? 0x7fff + bits % 2 : bits);
  }
  return load(numbers.data());
}

}  // namespace

TEST_CASE("this machine's instructions do what the portable operations do") {
  Random random({1, 2, 3, 4});
  for (int round = 0; round < 20000; ++round) {
    const Int16x8 a = drawn(random);
    const Int16x8 b = drawn(random);
    CHECK(eight(multiply_high(a, b)) == eight(portable::multiply_high(a, b)));
    CHECK(eight(add_saturated(a, b)) == eight(portable::add_saturated(a, b)));
    CHECK(eight(subtract_saturated(a, b)) == eight(portable::subtract_saturated(a, b)));
    CHECK(eight(at_even_places(a, b)) == eight(portable::at_even_places(a, b)));
    CHECK(eight(at_odd_places(a, b)) == eight(portable::at_odd_places(a, b)));
    const auto first = reinterpret_cast<Int32x4>(a);
    const auto second = reinterpret_cast<Int32x4>(b);
    CHECK(eight(narrow_saturated(first, second)) == eight(portable::narrow_saturated(first, second)));
    // −32768 · −32768 twice is the one sum that has no place.
    const Int16x8 factor = greater(b, repeated(-32767));
    CHECK(four(multiply_pairs(a, factor)) == four(portable::multiply_pairs(a, factor)));
  }
}

TEST_CASE("products in units of 2^15, lesser and greater, element by element") {
  Random random({5, 6, 7, 8});
  for (int round = 0; round < 20000; ++round) {
    const Int16x8 a = drawn(random);
    const Int16x8 b = greater(drawn(random), repeated(-32767));
    const Int16x8 product = multiply_q15(a, b);
    const Int16x8 least = lesser(a, b);
    const Int16x8 most = greater(a, b);
    for (int i = 0; i < 8; ++i) {
      CHECK(product[i] == (a[i] * b[i]) >> 15);
      CHECK(least[i] == std::min<int>(a[i], b[i]));
      CHECK(most[i] == std::max<int>(a[i], b[i]));
    }
  }
}

TEST_CASE("elements find their places") {
  const Int16x8 a{0, 1, 2, 3, 4, 5, 6, 7};
  const Int16x8 b{8, 9, 10, 11, 12, 13, 14, -15};
  CHECK(eight(interleave_low(a, b)) == Eight{0, 8, 1, 9, 2, 10, 3, 11});
  CHECK(eight(interleave_high(a, b)) == Eight{4, 12, 5, 13, 6, 14, 7, -15});
  CHECK(eight(at_even_places(a, b)) == Eight{0, 2, 4, 6, 8, 10, 12, 14});
  CHECK(eight(at_odd_places(a, b)) == Eight{1, 3, 5, 7, 9, 11, 13, -15});
  CHECK(four(widened_even(b)) == Four{8, 10, 12, 14});
  CHECK(four(widened_odd(b)) == Four{9, 11, 13, -15});
}
