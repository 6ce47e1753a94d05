#include "rtp/idle_rule.hpp"

#include <chrono>
#include <doctest/doctest.h>

using namespace mediaswitch;
using namespace std::chrono_literals;

TEST_CASE("20 s without RTP once targeted; any RTP starts the count anew") {
  IdleRule rule;
  rule.targeted(true);
  CHECK_FALSE(rule.advance(19s));
  rule.heard();
  CHECK_FALSE(rule.advance(19s));
  CHECK(rule.advance(1s));
}

TEST_CASE("naming the far end again starts the count anew") {
  IdleRule rule;
  rule.targeted(true);
  CHECK_FALSE(rule.advance(19s));
  rule.targeted(true);
  CHECK_FALSE(rule.advance(19s));
}

TEST_CASE("a channel whose far end is never named lives an hour, whatever is heard") {
  IdleRule rule;
  CHECK_FALSE(rule.advance(59min));
  rule.heard();
  CHECK(rule.advance(1min));
}

TEST_CASE("while nothing is taken, silence is not counted, but two hours end it") {
  IdleRule rule;
  rule.targeted(false);
  CHECK_FALSE(rule.advance(119min));
  CHECK(rule.advance(1min));
  rule.targeted(true);
  CHECK_FALSE(rule.advance(19s));
}
