#include "io/doorbell.hpp"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <doctest/doctest.h>
#include <thread>
#include <vector>

#include "core/mailbox.hpp"
#include "io/monotonic_clock.hpp"
#include "io/ready_sockets.hpp"

using namespace mediaswitch;

namespace {

/// Others have no turn of their own, so that the thread stays in the set.
Time in_an_hour() { return monotonic_now() + std::chrono::hours(1); }

}  // namespace

TEST_CASE("a doorbell rung many times before it is answered is answered once") {
  boost::asio::io_context context;
  ReadySockets ready(context, {});
  int answers = 0;
  Doorbell bell(ready, [&answers] { ++answers; });
  for (int i = 0; i < 5; ++i) bell.ring();
  context.run_one();
  CHECK(answers == 1);
  CHECK_MESSAGE(context.poll() == 0, "nobody is woken for nothing");
  bell.ring();
  context.run_one();
  CHECK(answers == 2);
}

TEST_CASE("who rings while the doorbell is answered is answered again") {
  boost::asio::io_context context;
  ReadySockets ready(context, in_an_hour);
  int answers = 0;
  Doorbell bell(ready, [&] {
    if (++answers < 3) {
      bell.ring();
    } else {
      ready.interrupt();
    }
  });
  bell.ring();
  context.run_one();
  CHECK(answers == 3);
}

TEST_CASE("what is left for a thread before its doorbell is rung is found there, each sender's in order") {
  constexpr int senders = 2;
  constexpr int each = 2000;
  boost::asio::io_context context;
  ReadySockets ready(context, in_an_hour);
  Mailbox<int> letters{0};
  std::vector<int> last(senders, -1);
  int taken = 0;
  int out_of_order = 0;
  Doorbell bell(ready, [&] {
    letters.drain([&](int letter) {
      int& before = last[static_cast<std::size_t>(letter % senders)];
      if (letter / senders != before + 1) ++out_of_order;
      before = letter / senders;
      ++taken;
    });
    if (taken == senders * each) ready.interrupt();
  });
  std::vector<std::thread> threads;
  for (int sender = 0; sender < senders; ++sender) {
    threads.emplace_back([&, sender] {
      for (int i = 0; i < each; ++i) {
        letters.deliver({}, i * senders + sender);
        bell.ring();
      }
    });
  }
  while (taken < senders * each) context.run_one();
  for (std::thread& thread : threads) thread.join();
  CHECK(out_of_order == 0);
}

TEST_CASE("a doorbell that is gone is answered by nobody") {
  boost::asio::io_context context;
  ReadySockets ready(context, {});
  int answers = 0;
  {
    Doorbell bell(ready, [&answers] { ++answers; });
    bell.ring();
  }
  context.poll();
  CHECK(answers == 0);
}
