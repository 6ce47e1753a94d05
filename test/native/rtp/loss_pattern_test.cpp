#include "rtp/loss_pattern.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <doctest/doctest.h>
#include <limits>
#include <string_view>
#include <vector>

#include "core/random.hpp"

using namespace mediaswitch;

namespace {

constexpr std::int64_t first = 65000;

/// What is lost is a dot. Then so many arrive that all of it is settled.
LossPattern pattern_of(std::string_view packets, std::size_t arrived_after = 100) {
  LossPattern pattern;
  std::int64_t sequence = first;
  for (const char each : packets) {
    if (each != '.') pattern.note({sequence});
    ++sequence;
  }
  for (std::size_t i = 0; i < arrived_after; ++i) pattern.note({sequence++});
  return pattern;
}

}  // namespace

TEST_CASE("nothing lost: no ratio") {
  CHECK_FALSE(LossPattern().burst_ratio());
  CHECK_FALSE(pattern_of("").burst_ratio());
  CHECK_FALSE(pattern_of("xxxxxxxx").burst_ratio());
}

// L losses in B rows of N = 100 packets that are settled, 64 more behind them: BurstR = (L / B) (1 - L / N).
TEST_CASE("the mean length of a row of losses over what chance would give") {
  const auto ratio = [](std::string_view packets) {
    const std::size_t settled = 100;
    return pattern_of(packets, settled - packets.size() + 64).burst_ratio().value();
  };
  CHECK(ratio("x.x.x.x.xxxxxxxxxx") == doctest::Approx(4.0 / 4 * 0.96));
  CHECK(ratio("x....xxxxxxxxxxxxx") == doctest::Approx(4.0 / 1 * 0.96));
  CHECK(ratio("x...xxxxxx.xxxx..x") == doctest::Approx(6.0 / 3 * 0.94));
}

TEST_CASE("what came late, twice or in any order is not lost") {
  LossPattern pattern;
  std::vector<std::int64_t> order;
  for (std::int64_t i = 0; i < 2000; ++i) order.push_back(first + i);
  Random random({1, 2, 3, 4});
  // Thirty by thirty in any order; but the first one of all stays, for the count begins with it.
  for (std::size_t i = 1; i < order.size(); ++i) {
    const std::size_t block = (i - 1) / 30 * 30 + 1;
    std::swap(order[i], order[block + random.next16() % (i - block + 1)]);
  }
  for (const std::int64_t sequence : order) {
    pattern.note({sequence});
    if (random.next16() % 4 == 0) pattern.note({sequence});
  }
  CHECK_FALSE(pattern.burst_ratio());
}

TEST_CASE("what is later than 64 others is lost, and of before the first nothing is known") {
  LossPattern pattern;
  pattern.note({first});
  for (std::int64_t i = 2; i < 200; ++i) pattern.note({first + i});
  const auto before = pattern.burst_ratio();
  REQUIRE(before);
  pattern.note({first + 1});
  pattern.note({first - 1});
  pattern.note({first - 1000});
  CHECK(pattern.burst_ratio() == before);
}

TEST_CASE("a gap longer than the window is one row") {
  for (const std::int64_t gap : {63, 64, 65, 66, 500, 3000}) {
    LossPattern pattern;
    pattern.note({first});
    for (std::int64_t i = 1; i <= 100; ++i) pattern.note({first + gap + i});
    const auto settled = static_cast<double>(1 + gap + 100 - 64);
    const auto lost = static_cast<double>(gap);
    CAPTURE(gap);
    CHECK(pattern.burst_ratio().value() == doctest::Approx(lost * (1 - lost / settled)));
  }
}

TEST_CASE("the longest leap there is ends at once") {
  LossPattern pattern;
  pattern.note({std::numeric_limits<std::int64_t>::min()});
  pattern.note({std::numeric_limits<std::int64_t>::max()});
  CHECK(pattern.burst_ratio());
}

TEST_CASE("another source's numbers are no gap, and what was counted before stays") {
  LossPattern pattern = pattern_of("x..x", 3);
  CHECK_FALSE(pattern.burst_ratio());  // all of it still may come
  pattern.begin_source();
  CHECK(pattern.burst_ratio().value() == doctest::Approx(2.0 * (1 - 2.0 / 7)));
  pattern.note({5});
  for (std::int64_t i = 6; i < 5 + 64 + 7; ++i) pattern.note({i});
  CHECK(pattern.burst_ratio().value() == doctest::Approx(2.0 * (1 - 2.0 / 14)));
}

TEST_CASE("losses at random have a ratio of 1, losses of two states that of their states") {
  Random random({5, 6, 7, 8});
  const auto happens = [&](double probability) { return random.next32() < probability * 0x1p32; };
  LossPattern at_random;
  // G.107 §7.5: with p from heard to lost and q back, BurstR = 1 / (p + q).
  const double p = 0.05;
  const double q = 0.35;
  LossPattern in_rows;
  bool is_lost = false;
  at_random.note({0});
  in_rows.note({0});
  for (std::int64_t i = 1; i < 200'000; ++i) {
    if (!happens(0.1)) at_random.note({i});
    is_lost = is_lost ? !happens(q) : happens(p);
    if (!is_lost) in_rows.note({i});
  }
  CHECK(at_random.burst_ratio().value() == doctest::Approx(1).epsilon(0.02));
  CHECK(in_rows.burst_ratio().value() == doctest::Approx(1 / (p + q)).epsilon(0.02));
}
