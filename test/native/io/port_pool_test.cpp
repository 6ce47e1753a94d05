#include "io/port_pool.hpp"

#include <chrono>
#include <doctest/doctest.h>

using namespace mediaswitch;
using namespace std::chrono_literals;

namespace {

constexpr Time start{1h};

}  // namespace

TEST_CASE("even ports whose odd neighbour is in the range too") {
  PortPool pool(10001, 10006);
  CHECK(pool.available() == 2);
  CHECK(pool.take(start) == 10002);
  CHECK(pool.take(start) == 10004);
  CHECK_FALSE(pool.take(start));
  CHECK(PortPool(10000, 10001).available() == 1);
  CHECK(PortPool(10000, 10000).available() == 0);
  CHECK(PortPool(65534, 65535).available() == 1);
  CHECK(PortPool(65535, 65535).available() == 0);
  CHECK(PortPool(20000, 10000).available() == 0);
}

TEST_CASE("never used ports first, then the one given back longest ago") {
  PortPool pool(10000, 10007);
  pool.take(start);
  pool.take(start);
  pool.give_back(10002, start);
  pool.give_back(10000, start + 1s);
  CHECK(pool.take(start + 2s) == 10004);
  CHECK(pool.take(start + 2s) == 10006);
  CHECK(pool.take(start + 11s) == 10002);
  CHECK(pool.take(start + 11s) == 10000);
  CHECK(pool.shortened_rests() == 0);
}

TEST_CASE("under pressure the rest shrinks rather than a call be refused, and is counted") {
  PortPool pool(10000, 10001);
  CHECK(pool.take(start) == 10000);
  pool.give_back(10000, start);
  CHECK(pool.available() == 1);
  CHECK(pool.take(start + 9s) == 10000);
  CHECK(pool.shortened_rests() == 1);
  pool.give_back(10000, start + 9s);
  CHECK(pool.take(start + 19s) == 10000);
  CHECK(pool.shortened_rests() == 1);
}

TEST_CASE("a port of another program is skipped, and tried again later") {
  PortPool pool(10000, 10003);
  CHECK(pool.take(start) == 10000);
  pool.set_aside(10000, start);
  CHECK(pool.available() == 1);
  CHECK(pool.take(start) == 10002);
  pool.give_back(10002, start);
  CHECK(pool.take(start + 5s) == 10002);
  pool.give_back(10002, start + 5s);
  CHECK(pool.take(start + 10s) == 10002);
  CHECK(pool.available() == 1);
  CHECK(pool.take(start + 10s) == 10000);
}

TEST_CASE("a port set aside is tried at once when nothing else is left") {
  PortPool pool(10000, 10001);
  pool.take(start);
  pool.set_aside(10000, start);
  CHECK(pool.available() == 0);
  CHECK(pool.take(start + 1s) == 10000);
  CHECK_FALSE(pool.take(start + 1s));
}
