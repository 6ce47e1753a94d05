#include "rtp/sequence_window.hpp"

#include <doctest/doctest.h>
#include <set>

#include "core/random.hpp"

using namespace mediaswitch;
using Place = SequenceWindow::Place;

TEST_CASE("each number is new once") {
  SequenceWindow window;
  CHECK(window.note({100}) == Place::Newest);
  CHECK(window.note({100}) == Place::Seen);
  CHECK(window.note({99}) == Place::Between);
  CHECK(window.note({99}) == Place::Seen);
  CHECK(window.note({101}) == Place::Newest);
  CHECK(window.newest() == ExtendedSequence{101});
}

TEST_CASE("127 back is remembered, 128 back is not") {
  SequenceWindow window;
  window.note({1000});
  CHECK(window.note({1000 - 127}) == Place::Between);
  CHECK(window.note({1000 - 127}) == Place::Seen);
  CHECK(window.note({1000 - 128}) == Place::Before);
  window.note({1001});
  CHECK(window.note({1000 - 127}) == Place::Before);
}

TEST_CASE("a new stream may begin with any number") {
  SequenceWindow window;
  window.note({1000});
  window.clear();
  CHECK(window.note({5}) == Place::Newest);
  CHECK(window.note({4}) == Place::Between);
}

TEST_CASE("steps of any size: the same as a set of all numbers") {
  Random random({1, 2, 3, 4});
  SequenceWindow window;
  std::set<std::int64_t> seen;
  std::int64_t newest = -1'000'000;
  for (int i = 0; i < 50000; ++i) {
    const std::int64_t range = i % 50 == 0 ? 300 : 20;
    const std::int64_t number = newest - 140 + static_cast<std::int64_t>(random.next32() % (140 + range));
    Place expected = Place::Between;
    if (number > newest) {
      expected = Place::Newest;
    } else if (number <= newest - 128) {
      expected = Place::Before;
    } else if (seen.contains(number)) {
      expected = Place::Seen;
    }
    if (i == 0) expected = Place::Newest;
    REQUIRE(window.note({number}) == expected);
    if (expected != Place::Before) seen.insert(number);
    newest = i == 0 ? number : std::max(newest, number);
  }
}
