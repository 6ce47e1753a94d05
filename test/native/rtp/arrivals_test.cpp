#include "rtp/arrivals.hpp"

#include <doctest/doctest.h>

using namespace mediaswitch;

namespace {

constexpr ClockRate narrow{8000};
constexpr ClockRate wide{16000};

Arrivals::Key key(std::int64_t sequence,
                  std::uint32_t timestamp,
                  std::uint32_t ssrc = 1,
                  ClockRate clock = narrow) {
  return {.ssrc = {ssrc}, .clock = clock, .sequence = {sequence}, .timestamp = {timestamp}};
}

}  // namespace

TEST_CASE("timestamps are told apart over their wrap, in order and out of it") {
  Arrivals arrivals;
  const auto first = arrivals.place(key(10, 0xFFFFFF60U));
  REQUIRE(first.ok());
  CHECK(first.value().is_new_stream);
  CHECK(first.value().is_newest);
  const auto third = arrivals.place(key(12, 0xA0));
  REQUIRE(third.ok());
  CHECK(third.value().begin - first.value().begin == MediaSpan{2 * 320});
  CHECK_FALSE(third.value().is_new_stream);
  const auto second = arrivals.place(key(11, 0));
  REQUIRE(second.ok());
  CHECK(second.value().begin - first.value().begin == MediaSpan{320});
  CHECK_FALSE(second.value().is_newest);
  const auto zeroth = arrivals.place(key(9, 0xFFFFFEC0U));
  REQUIRE(zeroth.ok());
  CHECK(zeroth.value().begin - first.value().begin == MediaSpan{-320});
}

TEST_CASE("16 kHz timestamps count half as long") {
  Arrivals arrivals;
  const auto first = arrivals.place(key(1, 1000, 1, wide));
  const auto second = arrivals.place(key(2, 1320, 1, wide));
  CHECK(second.value().begin - first.value().begin == MediaSpan{320});
}

TEST_CASE("duplicates and what is too old to tell are refused") {
  Arrivals arrivals;
  CHECK(arrivals.place(key(500, 0)).ok());
  CHECK(arrivals.place(key(500, 0)).error() == Drop::DuplicatePacket);
  CHECK(arrivals.place(key(499, 0)).ok());
  CHECK(arrivals.place(key(499, 0)).error() == Drop::DuplicatePacket);
  CHECK(arrivals.place(key(300, 0)).error() == Drop::LateForPlayout);
}

TEST_CASE("another source takes over, and stragglers of the one before it don't take back") {
  Arrivals arrivals;
  CHECK(arrivals.place(key(65535, 0, 1)).ok());
  CHECK(arrivals.place(key(3, 777, 2)).value().is_new_stream);
  CHECK(arrivals.place(key(65534, 0, 1)).error() == Drop::LateForPlayout);
  CHECK(arrivals.place(key(65535, 0, 1)).error() == Drop::LateForPlayout);
  CHECK_FALSE(arrivals.place(key(4, 937, 2)).value().is_new_stream);
  // It did go on.
  CHECK(arrivals.place(key(0, 160, 1)).value().is_new_stream);
}

TEST_CASE("another clock is another stream, also of the same source") {
  Arrivals arrivals;
  CHECK(arrivals.place(key(1, 0)).ok());
  CHECK(arrivals.place(key(3, 320, 1, wide)).value().is_new_stream);
  CHECK(arrivals.place(key(1, 0)).error() == Drop::LateForPlayout);
}
