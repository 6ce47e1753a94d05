#include "io/frame_ring.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <thread>

#include "support/frames.hpp"

using namespace mediaswitch;
using test::counting_frame;
using test::level_frame;

namespace {

bool is_same(const Frame& one, const Frame& other) {
  return one.sampling == other.sampling && std::ranges::equal(one.pcm(), other.pcm());
}

}  // namespace

TEST_CASE("ticks come out as they went in, whatever was in them") {
  FrameRing ring(3, 2);
  const Frame narrow = counting_frame(1);
  const Frame wide = counting_frame(1000, wideband);
  HeardTick tick;
  for (int round = 0; round < 5; ++round) {
    CHECK_FALSE(ring.pop(tick));
    CHECK(ring.push(&narrow, &wide, 1));
    CHECK(ring.push(nullptr, &narrow, 2));
    CHECK(ring.push(nullptr, nullptr, 255));
    CHECK(ring.size() == 3);
    CHECK_FALSE(ring.push(&wide, nullptr, 4));

    REQUIRE(ring.pop(tick));
    CHECK((tick.has_in && tick.has_out && tick.note == 1));
    CHECK(is_same(tick.in, narrow));
    CHECK(is_same(tick.out, wide));
    CHECK(ring.push(&wide, nullptr, 4));
    REQUIRE(ring.pop(tick));
    CHECK((!tick.has_in && tick.has_out && tick.note == 2));
    CHECK(is_same(tick.out, narrow));
    REQUIRE(ring.pop(tick));
    CHECK((!tick.has_in && !tick.has_out && tick.note == 255));
    REQUIRE(ring.pop(tick));
    CHECK((tick.has_in && !tick.has_out && tick.note == 4));
    CHECK(is_same(tick.in, wide));
  }
}

TEST_CASE("a tick with more than there is room for is refused as a whole") {
  FrameRing ring(2, 1);
  const Frame wide = counting_frame(7, wideband);
  const Frame narrow = counting_frame(9);
  CHECK(ring.push(&narrow, nullptr, 0));
  CHECK(ring.push(&narrow, nullptr, 0));
  HeardTick tick;
  REQUIRE(ring.pop(tick));
  CHECK_FALSE_MESSAGE(ring.push(&wide, &wide, 0), "two frames of 320 samples, room for 480");
  CHECK(ring.size() == 1);
  CHECK(ring.push(&wide, &narrow, 0));
  REQUIRE(ring.pop(tick));
  REQUIRE(ring.pop(tick));
  CHECK(is_same(tick.in, wide));
  CHECK(is_same(tick.out, narrow));
}

TEST_CASE("two threads: a tick that is seen is whole") {
  FrameRing ring(4, 2);
  constexpr int total = 20'000;
  std::thread channel([&] {
    for (int i = 0; i < total;) {
      const auto value = static_cast<std::int16_t>(i);
      const Frame in = level_frame(value, i % 3 == 0 ? wideband : narrowband);
      const Frame out = level_frame(static_cast<std::int16_t>(~value));
      if (ring.push(&in, i % 2 == 0 ? &out : nullptr, static_cast<std::uint8_t>(i))) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  int wrong = 0;
  HeardTick tick;
  for (int i = 0; i < total;) {
    if (!ring.pop(tick)) {
      std::this_thread::yield();
      continue;
    }
    const auto value = static_cast<std::int16_t>(i);
    const bool is_right = tick.has_in && tick.has_out == (i % 2 == 0) &&
                          tick.note == static_cast<std::uint8_t>(i) &&
                          std::ranges::count(tick.in.pcm(), value) == std::ssize(tick.in.pcm());
    const auto inverse = static_cast<std::int16_t>(~value);
    const bool is_out_right =
        !tick.has_out || std::ranges::count(tick.out.pcm(), inverse) == std::ssize(tick.out.pcm());
    wrong += is_right && is_out_right ? 0 : 1;
    ++i;
  }
  channel.join();
  CHECK(wrong == 0);
}
