#include "io/event.hpp"

#include <doctest/doctest.h>

using namespace mediaswitch;

namespace {

struct CountingWaker final : Waker {
  void wake() override { ++wakes; }
  int wakes = 0;
};

constexpr std::size_t one_sender = 1;

}  // namespace

TEST_CASE("who reads events is woken for each, and during a pause once for all of them") {
  Events events(one_sender);
  CountingWaker waker;
  EventOutlet outlet(events, waker, 0);
  outlet.offer(MixChanged{.channel = {1}, .has_started = true});
  outlet.deliver({}, Reply{.ticket = {1}, .outcome = Outcome::Done, .statistics = {}});
  CHECK(waker.wakes == 2);
  {
    EventOutlet::Pause pause(outlet);
    for (int i = 0; i < 3; ++i) outlet.offer(MixChanged{.channel = {1}, .has_started = true});
    CHECK(waker.wakes == 2);
    pause.tell();
    CHECK(waker.wakes == 3);
    pause.tell();
    CHECK_MESSAGE(waker.wakes == 3, "nothing came since");
    outlet.offer(MixChanged{.channel = {1}, .has_started = false});
  }
  CHECK(waker.wakes == 4);
  { const EventOutlet::Pause nothing(outlet); }
  CHECK(waker.wakes == 4);
  int told = 0;
  events.drain([&told](const Event&) { ++told; });
  CHECK(told == 6);
}
