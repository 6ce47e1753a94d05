#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <sys/epoll.h>

#include "core/time.hpp"

namespace mediaswitch {

/// Tells which of a thread's many sockets can be read. Asio watches one descriptor, an epoll set of ours with
/// the sockets in it, and not each of them: asking to be woken again costs system calls, which are then a few
/// for all sockets that became readable meanwhile instead of for each packet.
///
/// Once woken, it waits in the set itself, so that a packet costs one wait, one receive and one send, until
/// somebody else on the thread has something to do: it is interrupted, or the time has come.
class ReadySockets {
 public:
  /// A socket's owner. Every call stands for one thing to read: what is left is told again, unless asked for
  /// otherwise.
  class Reader {
   public:
    virtual void on_readable() = 0;

   protected:
    ~Reader() = default;
  };

  /// When others on the thread have their next turn, by its timers; asked for on the thread. Empty: they have
  /// it after each waking.
  using NextTurn = std::function<Time()>;

  /// Throws std::system_error when the system has no descriptor for us.
  ReadySockets(boost::asio::io_context& context, NextTurn next_turn);
  ReadySockets(const ReadySockets&) = delete;
  ReadySockets& operator=(const ReadySockets&) = delete;
  ReadySockets(ReadySockets&&) = delete;
  ReadySockets& operator=(ReadySockets&&) = delete;
  ~ReadySockets() = default;

  enum class Telling : std::uint8_t {
    /// Again and again, as long as something is there to read.
    WhileReadable,
    /// Once for each time that something was written, read or not.
    OfEachWrite,
  };

  /// An error: the system has no room to watch it. `reader` stays where it is until `remove`.
  [[nodiscard]] boost::system::error_code add(int socket,
                                              Reader& reader,
                                              Telling telling = Telling::WhileReadable);
  /// `reader` is told of nothing any more, also where it is called by one.
  void remove(int socket, Reader& reader);
  /// Any thread: something was posted to the context, which is to have its turn now.
  void interrupt() const;
  /// No reader is told of anything any more, and nothing is waited for.
  void stop();

 private:
  using Set = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  /// A descriptor of ours in the set that counts what happened: an end of waiting.
  struct Interruption final : Reader {
    explicit Interruption(int its_descriptor) : descriptor(its_descriptor) {}
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;
    Interruption(Interruption&&) = delete;
    Interruption& operator=(Interruption&&) = delete;
    ~Interruption();
    void on_readable() override;

    int descriptor;
    bool has_come = false;
  };

  void wait();
  void tell();
  /// False: nothing was there.
  bool tell_once(int patience);
  [[nodiscard]] bool may_wait();

  Set set_;
  NextTurn next_turn_;
  Interruption bell_;
  Interruption alarm_;
  /// For when the alarm is set.
  Time alarm_at_{};
  /// Told of at a time, before others have their turn.
  std::array<epoll_event, 64> batch_{};
  /// What is still to be told of.
  std::span<epoll_event> rest_;
};

}  // namespace mediaswitch
