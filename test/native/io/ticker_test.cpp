#include "io/ticker.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <doctest/doctest.h>

#include "rtp/channel.hpp"
#include "support/addresses.hpp"
#include "support/recording_outbox.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;
using namespace std::chrono_literals;

namespace {

/// One channel that echoes ticks by counting them.
struct Member {
  RecordingOutbox outbox;
  Channel channel{{1}, outbox, Random({1, 0, 0, 0})};
  Group group;

  Member() {
    group.add(channel);
    group.arrange();
  }
  ~Member() { group.remove(channel); }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  Member(Member&&) = delete;
  Member& operator=(Member&&) = delete;
  [[nodiscard]] std::uint64_t ticks() const { return channel.statistics().ticks.count; }
};

}  // namespace

TEST_CASE("each group is ticked every 20 ms, in turns, until it is removed") {
  boost::asio::io_context context;
  Ticker ticker(context);
  Member one;
  Member other;
  ticker.add(one.group);
  ticker.add(other.group);
  ticker.add(one.group);
  const auto began = std::chrono::steady_clock::now();
  while (other.ticks() < 10) context.run_one();
  // Whatever the machine is busy with: no tick comes early.
  CHECK(std::chrono::steady_clock::now() - began >= 9 * 20ms);
  const std::uint64_t apart =
      one.ticks() > other.ticks() ? one.ticks() - other.ticks() : other.ticks() - one.ticks();
  CHECK(apart <= 1);
  ticker.remove(one.group);
  const std::uint64_t before = one.ticks();
  while (other.ticks() < 15) context.run_one();
  CHECK(one.ticks() == before);
  ticker.remove(other.group);
  CHECK_MESSAGE(context.run_one() == 1, "the timer that was set finds nothing to do");
  CHECK_MESSAGE(context.run() == 0, "without groups there is no timer");
}

TEST_CASE("a group that is added while another waits does not wait for that one") {
  boost::asio::io_context context;
  Ticker ticker(context);
  Member one;
  ticker.add(one.group);
  while (one.ticks() < 3) context.run_one();
  Member other;
  ticker.add(other.group);
  while (one.ticks() < 5) context.run_one();
  CHECK(other.ticks() >= 1);
  ticker.stop();
}
