#include "audio/power.hpp"

#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <vector>

#include "support/allocation_count.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;

namespace {

using Pcm = std::vector<std::int16_t>;

/// 20 ms of a tone whose effective value is 0.707 of its amplitude; it goes on from call to call.
Pcm tone(double amplitude, double offset = 0) {
  Pcm pcm(160);
  for (std::size_t i = 0; i < pcm.size(); ++i) {
    const double angle = 2 * std::numbers::pi * 1000 * static_cast<double>(i) / 8000;
    pcm[i] = static_cast<std::int16_t>(offset + amplitude * std::sin(angle));
  }
  return pcm;
}

void warm_up(PowerMeter& meter) {
  for (std::uint32_t i = 0; i < PowerMeter::warm_up; ++i) meter.hear(Pcm(160));
}

}  // namespace

TEST_CASE("power is the effective value of what is heard") {
  PowerMeter meter(1);
  warm_up(meter);
  meter.hear(tone(10000));
  CHECK(meter.average() == doctest::Approx(10000 / std::numbers::sqrt2).epsilon(0.01));
  meter.hear(tone(1000));
  meter.hear(tone(1000));
  CHECK(meter.average() == doctest::Approx(1000 / std::numbers::sqrt2).epsilon(0.01));
}

TEST_CASE("the first hundred packets are silence, whatever they say") {
  PowerMeter meter(1);
  for (int i = 0; i < 100; ++i) {
    meter.hear(tone(20000));
    CHECK(meter.average() == 0);
  }
  meter.hear(tone(20000));
  CHECK(meter.average() > 10000);

  PowerMeter later(1, 99);
  later.hear(tone(20000));
  CHECK(later.average() == 0);
  later.hear(tone(20000));
  CHECK(later.average() > 10000);

  PowerMeter long_after(1, 4'000'000'000);
  long_after.hear(tone(20000));
  CHECK(long_after.average() > 10000);
}

TEST_CASE("what did not come is silence, and warms nothing up") {
  PowerMeter meter(2);
  for (int i = 0; i < 200; ++i) meter.miss();
  meter.hear(tone(20000));
  CHECK(meter.average() == 0);
  warm_up(meter);
  meter.hear(tone(20000));
  const double half = meter.average();
  meter.hear(tone(20000));
  CHECK(meter.average() == doctest::Approx(2 * half).epsilon(0.01));
  meter.miss();
  CHECK(meter.average() == doctest::Approx(half).epsilon(0.01));
  meter.miss();
  CHECK(meter.average() == 0);
}

TEST_CASE("the average is over as many packets as it says, those before the first being silent") {
  for (const std::uint32_t packets : {1U, 5U, 50U, 250U}) {
    PowerMeter meter(packets, PowerMeter::warm_up);
    PowerMeter one(1, PowerMeter::warm_up);
    double sum = 0;
    for (std::uint32_t i = 0; i < packets; ++i) {
      meter.hear(tone(5000));
      one.hear(tone(5000));
      sum += one.average();
      CHECK(meter.average() == doctest::Approx(sum / packets));
    }
    for (std::uint32_t i = 0; i < packets; ++i) {
      CHECK(meter.average() > 0);
      meter.miss();
    }
    CHECK(meter.average() == 0);
  }
}

TEST_CASE("an average of no packets is of one, of too many of 250") {
  PowerMeter none(0, PowerMeter::warm_up);
  none.hear(tone(5000));
  CHECK(none.average() > 3000);
  PowerMeter many(100'000, PowerMeter::warm_up);
  for (int i = 0; i < 250; ++i) many.hear(tone(5000));
  CHECK(many.average() == doctest::Approx(5000 / std::numbers::sqrt2).epsilon(0.01));
}

TEST_CASE("direct current is no power") {
  PowerMeter meter(1);
  for (int i = 0; i < 150; ++i) meter.hear(Pcm(160, 8000));
  CHECK(meter.average() < 1);
  meter.hear(tone(1000, 8000));
  CHECK(meter.average() == doctest::Approx(1000 / std::numbers::sqrt2).epsilon(0.05));
}

TEST_CASE("the loudest there is fits, and nothing at all is nothing") {
  PowerMeter meter(250, PowerMeter::warm_up);
  Pcm square(160, 32767);
  for (std::size_t i = 0; i < square.size(); i += 2) square[i] = -32768;
  for (int i = 0; i < 500; ++i) meter.hear(square);
  CHECK(meter.average() == 32767);
  PowerMeter empty(1, PowerMeter::warm_up);
  empty.hear({});
  CHECK(empty.average() == 0);
}

TEST_CASE("a power meter asks for no memory") {
  const Pcm pcm = tone(5000);
  PowerMeter meter(250);
  const auto before = allocation_count();
  for (int i = 0; i < 1000; ++i) {
    meter.hear(pcm);
    meter.miss();
  }
  CHECK(meter.average() > 0);
  CHECK(allocation_count() == before);
}
