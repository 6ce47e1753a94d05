#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "core/mailbox.hpp"
#include "core/units.hpp"
#include "rtp/address.hpp"
#include "rtp/statistics.hpp"

namespace mediaswitch {

/// Chosen by whoever gives a command, told back in its Reply.
using Ticket = Strong<struct TicketTag, std::uint64_t>;

enum class CloseReason : std::uint8_t { Requested, IdleTimeout, Shutdown, Error };
enum class Outcome : std::uint8_t { Done, UnknownChannel };

/// A command has been carried out, or not.
struct Reply {
  Ticket ticket;
  Outcome outcome = Outcome::Done;
  /// What `Ask` asked for.
  std::optional<Statistics> statistics;
};

/// The last event of a channel. Its sockets are closed by now.
struct Closed {
  ChannelId channel;
  CloseReason reason = CloseReason::Requested;
  Statistics statistics;
};

struct SourceRejected {
  ChannelId channel;
  Address from;
};

struct KeyPressed {
  ChannelId channel;
  char key = 0;
};

using Event = std::variant<Reply, Closed, SourceRejected, KeyPressed>;
using Events = Mailbox<Event>;

/// Makes the reader of the events look into the mailbox soon. Called from media threads; must not wait.
class Waker {
 public:
  Waker() = default;
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;
  Waker(Waker&&) = delete;
  Waker& operator=(Waker&&) = delete;
  virtual ~Waker() = default;
  virtual void wake() = 0;
};

/// One thread's way into the mailbox.
class EventOutlet {
 public:
  EventOutlet(Events& events, Waker& waker, std::size_t sender)
      : events_(events), waker_(waker), sender_(sender) {}

  /// May be lost (and counted) when the reader is far behind.
  void offer(const Event& event) {
    if (events_.offer(sender_, event)) waker_.wake();
  }

  /// Never lost.
  void deliver(Events::Reservation reservation, const Event& event) {
    events_.deliver(std::move(reservation), event);
    waker_.wake();
  }

 private:
  Events& events_;
  Waker& waker_;
  std::size_t sender_;
};

}  // namespace mediaswitch
