#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "audio/end_reason.hpp"
#include "core/mailbox.hpp"
#include "core/units.hpp"
#include "rtp/address.hpp"
#include "rtp/statistics.hpp"

namespace mediaswitch {

/// Chosen by whoever gives a command, told back in its Reply.
using Ticket = Strong<struct TicketTag, std::uint64_t>;

/// Names a recorder, a reader or a writer for as long as the engine runs; never used twice.
using RecorderId = Strong<struct RecorderIdTag, std::uint64_t>;
using ReaderId = Strong<struct ReaderIdTag, std::uint64_t>;
using WriterId = Strong<struct WriterIdTag, std::uint64_t>;

enum class CloseReason : std::uint8_t { Requested, IdleTimeout, LeaseExpired, Shutdown, Error };
enum class Outcome : std::uint8_t {
  Done,
  UnknownChannel,
  /// Each channel is in a group with others, or the channel is in one where it may not be.
  Conflict,
  /// Right command, wrong moment: no far end to send keys to, nothing that plays.
  Refused,
};

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
  /// Heard as tones, not told by RFC 4733.
  bool is_inband = false;
};
struct KeyReleased {
  ChannelId channel;
  char key = 0;
  Millis held{};
};

enum class PlayState : std::uint8_t { Started, Paused, Resumed };
struct PlayChanged {
  ChannelId channel;
  PlayState state = PlayState::Started;
};
struct PlayEnded {
  ChannelId channel;
  PlayEnd reason = PlayEnd::Completed;
};

enum class RecordState : std::uint8_t { Recording, AbovePower, Paused, Resumed, SlowDisk };
struct RecordChanged {
  ChannelId channel;
  RecorderId recorder;
  RecordState state = RecordState::Recording;
};
/// The last event of a recorder. Its file is complete and closed.
struct RecordFinished {
  ChannelId channel;
  RecorderId recorder;
  RecordEnd reason = RecordEnd::Requested;
  std::uint64_t octets = 0;
  Millis duration{};
};

struct MixChanged {
  ChannelId channel;
  bool has_started = false;
};

/// Frames wait for the reader; told once until it has read them all.
struct Readable {
  ReaderId reader;
};
struct ReaderEnded {
  ReaderId reader;
};
/// There is room again.
struct Writable {
  WriterId writer;
};
struct WriterEnded {
  WriterId writer;
};

using Event = std::variant<Reply,
                           Closed,
                           SourceRejected,
                           KeyPressed,
                           KeyReleased,
                           PlayChanged,
                           PlayEnded,
                           RecordChanged,
                           RecordFinished,
                           MixChanged,
                           Readable,
                           ReaderEnded,
                           Writable,
                           WriterEnded>;
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
  /// While it lives nobody is woken, and then once for all that was sent meanwhile.
  class Pause {
   public:
    explicit Pause(EventOutlet& outlet) : outlet_(outlet) { outlet_.is_paused_ = true; }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
    Pause(Pause&&) = delete;
    Pause& operator=(Pause&&) = delete;
    ~Pause() {
      outlet_.is_paused_ = false;
      tell();
    }

    /// Wakes for what was sent so far.
    void tell() {
      if (std::exchange(outlet_.has_untold_, false)) outlet_.waker_.wake();
    }

   private:
    EventOutlet& outlet_;
  };

  EventOutlet(Events& events, Waker& waker, std::size_t sender)
      : events_(events), waker_(waker), sender_(sender) {}

  /// May be lost (and counted) when the reader is far behind.
  void offer(const Event& event) {
    if (events_.offer(sender_, event)) wake();
  }

  /// Never lost.
  void deliver(Events::Reservation reservation, const Event& event) {
    events_.deliver(std::move(reservation), event);
    wake();
  }

 private:
  void wake() {
    if (is_paused_) {
      has_untold_ = true;
    } else {
      waker_.wake();
    }
  }

  Events& events_;
  Waker& waker_;
  std::size_t sender_;
  bool is_paused_ = false;
  bool has_untold_ = false;
};

}  // namespace mediaswitch
