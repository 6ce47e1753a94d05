#include "core/sequence.hpp"

#include <doctest/doctest.h>

using namespace mediaswitch;

TEST_CASE("sequence numbers step over the wrap") {
  CHECK(next({65535}) == SequenceNumber{0});
  CHECK(steps_forward({65535}, {2}) == 3);
  CHECK(steps_forward({2}, {65535}) == 65533);
}

TEST_CASE("later means less than half the circle ahead") {
  CHECK(is_after({1}, {0}));
  CHECK(is_after({0}, {65535}));
  CHECK(is_after({32767}, {0}));
  CHECK_FALSE(is_after({32768}, {0}));
  CHECK_FALSE(is_after({7}, {7}));
  CHECK_FALSE(is_after({65535}, {0}));
}

TEST_CASE("an extended number keeps its low 16 bits, below zero too") {
  CHECK(truncate({65536 + 5}) == SequenceNumber{5});
  CHECK(truncate({-1}) == SequenceNumber{65535});
}
