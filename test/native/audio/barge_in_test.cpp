#include "audio/barge_in.hpp"

#include <doctest/doctest.h>

#include "support/allocation_count.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;

namespace {

/// A square wave of 1 kHz, so that its effective value is its amplitude.
Frame loud(std::int16_t amplitude) {
  Frame frame;
  for (std::size_t i = 0; i < frame.size(); ++i) {
    frame.pcm()[i] = static_cast<std::int16_t>(i / 4 % 2 == 0 ? amplitude : -amplitude);
  }
  return frame;
}

/// Ticks until speech is heard; 0: it is not in 1,000.
int ticks_until_heard(BargeIn& barge_in, const Frame& frame) {
  for (int tick = 1; tick <= 1000; ++tick) {
    if (barge_in.hear(&frame)) return tick;
  }
  return 0;
}

}  // namespace

TEST_CASE("speech is heard when the average is above, after the first hundred packets") {
  // Each of five counts a fifth: above 500 with the third packet of 1,000.
  BargeIn barge_in({.power = 500, .average_packets = 5});
  CHECK(ticks_until_heard(barge_in, loud(1000)) == 103);
  BargeIn later({.power = 500, .average_packets = 5, .heard_before = 100});
  CHECK(ticks_until_heard(later, loud(1000)) == 3);
  BargeIn five({});
  CHECK(ticks_until_heard(five, loud(1000)) == 101);
}

TEST_CASE("what is not louder is never heard, nor a click between nothing") {
  BargeIn barge_in({.power = 1200, .average_packets = 5});
  CHECK(ticks_until_heard(barge_in, loud(1000)) == 0);
  BargeIn clicks({.power = 500, .average_packets = 5, .heard_before = 100});
  const Frame click = loud(1000);
  for (int tick = 0; tick < 1000; ++tick) CHECK_FALSE(clicks.hear(tick % 5 < 2 ? &click : nullptr));
}

TEST_CASE("listening asks for no memory") {
  const Frame frame = loud(1000);
  BargeIn barge_in({.power = 500});
  const auto before = allocation_count();
  int heard = 0;
  for (int tick = 0; tick < 500; ++tick) heard += barge_in.hear(tick % 2 == 0 ? &frame : nullptr) ? 1 : 0;
  CHECK(heard > 0);
  CHECK(allocation_count() == before);
}
