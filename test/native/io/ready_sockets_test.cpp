#include "io/ready_sockets.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <doctest/doctest.h>
#include <functional>
#include <sys/socket.h>
#include <thread>

#include "io/bound_pair.hpp"
#include "io/monotonic_clock.hpp"
#include "support/far_end.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;

namespace {

constexpr std::array<std::uint8_t, 3> something{1, 2, 3};

/// A socket that is read one datagram at a time.
struct Listener final : ReadySockets::Reader {
  explicit Listener(ReadySockets& its_ready) : ready(its_ready) { CHECK_FALSE(ready.add(fd(), *this)); }
  ~Listener() {
    if (!is_removed) ready.remove(fd(), *this);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  Listener(Listener&&) = delete;
  Listener& operator=(Listener&&) = delete;

  void on_readable() override {
    std::array<std::uint8_t, 16> octets{};
    if (recv(fd(), octets.data(), octets.size(), MSG_DONTWAIT) > 0) ++heard;
    if (removes != nullptr) removes->remove();
    if (then) then();
  }
  void remove() {
    ready.remove(fd(), *this);
    is_removed = true;
  }
  [[nodiscard]] int fd() const { return pair.rtp.get(); }
  [[nodiscard]] std::uint16_t port() const {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    getsockname(fd(), reinterpret_cast<sockaddr*>(&own), &size);
    return ntohs(own.sin_port);
  }

  static BoundPair bind_somewhere(SocketCount& count) {
    for (std::uint16_t port = 33000;; port = static_cast<std::uint16_t>(port + 2)) {
      auto bound = bind_pair(boost::asio::ip::address_v4::loopback(), port, count);
      if (bound.ok()) return std::move(bound.value());
    }
  }

  ReadySockets& ready;
  SocketCount count{0};
  BoundPair pair = bind_somewhere(count);
  int heard = 0;
  bool is_removed = false;
  Listener* removes = nullptr;
  std::function<void()> then;
};

}  // namespace

TEST_CASE("each socket is told of as long as something is in it") {
  boost::asio::io_context context;
  ReadySockets ready(context, {});
  Listener one(ready);
  Listener other(ready);
  const FarEnd phone;
  for (int i = 0; i < 3; ++i) phone.send(something, one.port());
  phone.send(something, other.port());
  while (one.heard + other.heard < 4) context.run_one();
  CHECK(one.heard == 3);
  CHECK(other.heard == 1);
  CHECK_MESSAGE(context.poll() == 0, "nobody is woken for nothing");
}

TEST_CASE("who is removed while others are told is told of nothing") {
  boost::asio::io_context context;
  ReadySockets ready(context, {});
  Listener one(ready);
  Listener other(ready);
  one.removes = &other;
  other.removes = &one;
  const FarEnd phone;
  phone.send(something, one.port());
  phone.send(something, other.port());
  while (one.heard + other.heard < 1) context.run_one();
  context.poll();
  CHECK(one.heard + other.heard == 1);
}

TEST_CASE("who waits in the set gives way to what is posted, and to others' timers") {
  boost::asio::io_context context;
  Time turn = Time::max();
  ReadySockets ready(context, [&turn] { return turn; });
  Listener listener(ready);
  const FarEnd phone;
  phone.send(something, listener.port());
  std::thread other([&] {
    // It waits by now, or will.
    boost::asio::post(context, [&context] { context.stop(); });
    ready.interrupt();
  });
  context.run();
  other.join();
  CHECK(listener.heard <= 1);

  context.restart();
  turn = monotonic_now() + std::chrono::milliseconds(30);
  boost::asio::steady_timer timer(context, std::chrono::steady_clock::time_point(turn.time_since_epoch()));
  bool is_over = false;
  timer.async_wait([&](const boost::system::error_code&) { is_over = true; });
  phone.send(something, listener.port());
  while (!is_over || listener.heard < 2) context.run_one();
  CHECK(listener.heard == 2);
  CHECK(monotonic_now() >= turn);
}

TEST_CASE("as long as others' turn is due, they have it after each waking") {
  boost::asio::io_context context;
  const Time now = monotonic_now();
  ReadySockets ready(context, [now] { return now; });
  Listener listener(ready);
  const FarEnd phone;
  for (int i = 1; i <= 3; ++i) {
    phone.send(something, listener.port());
    while (listener.heard < i) context.run_one();
  }
  CHECK(listener.heard == 3);
}

TEST_CASE("packets that keep coming are read in one waking") {
  boost::asio::io_context context;
  ReadySockets ready(context, [] { return monotonic_now() + std::chrono::hours(1); });
  Listener listener(ready);
  const FarEnd phone;
  listener.then = [&] {
    if (listener.heard < 100) {
      phone.send(something, listener.port());
    } else {
      ready.interrupt();
    }
  };
  phone.send(something, listener.port());
  context.run_one();
  CHECK(listener.heard == 100);
}

TEST_CASE("stopped: nothing is waited for") {
  boost::asio::io_context context;
  ReadySockets ready(context, {});
  ready.stop();
  context.run();
  CHECK(context.stopped());
}
