#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <optional>
#include <span>

#include "core/drop.hpp"
#include "io/bound_pair.hpp"
#include "io/intake.hpp"
#include "io/ready_sockets.hpp"
#include "rtp/datagram.hpp"
#include "rtp/reading.hpp"

namespace mediaswitch {

/// What a shard lends to all its pairs.
struct Receiving {
  ReadySockets& ready;
  Intake& intake;
};

/// The two sockets of a channel on a shard's thread: tells a listener of every datagram that comes, and
/// sends.
class UdpPair {
 public:
  /// Named at `start`, told until `release`; it must not release the pair from within.
  class Listener {
   public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    Listener(Listener&&) = delete;
    Listener& operator=(Listener&&) = delete;
    virtual ~Listener() = default;

    virtual void on_rtp(const Datagram& datagram) = 0;
    virtual void on_rtcp(const Datagram& datagram) = 0;
    /// It filled the buffer; its end may be missing.
    virtual void on_oversize() = 0;
    /// Nothing will be read any more. The pair is still to be released.
    virtual void on_broken() = 0;
  };

  /// A datagram lives in the intake until the listener returns.
  UdpPair(const Receiving& receiving, BoundPair sockets);
  UdpPair(const UdpPair&) = delete;
  UdpPair& operator=(const UdpPair&) = delete;
  UdpPair(UdpPair&&) = delete;
  UdpPair& operator=(UdpPair&&) = delete;
  /// Closes the sockets, unless they were released.
  ~UdpPair();

  /// An error: the system has no room to watch the sockets, and nothing is read.
  [[nodiscard]] boost::system::error_code start(Listener& listener);

  /// When the RTP port is read. At once unless told.
  void read(Reading when);
  /// Reads what has come to the RTP port, where that is not read at once.
  void read_gathered();

  /// Never waits: a full send buffer is SendWouldBlock.
  std::optional<Drop> send(std::span<const std::uint8_t> packet, const Address& to);
  /// The same from the RTCP port.
  std::optional<Drop> send_control(std::span<const std::uint8_t> packet, const Address& to);

  /// Stops reading and gives the sockets back, with all the kernel holds for them.
  BoundPair release();

 private:
  using Hear = void (Listener::*)(const Datagram&);

  /// One of the two.
  struct Side final : ReadySockets::Reader {
    Side(UdpPair& owner, Hear told) : pair(owner), hear(told) {}
    void on_readable() override { pair.read_some(*this, 1); }

    UdpPair& pair;
    Hear hear;
    /// Reads in a row that gave an error and nothing else.
    int failures = 0;
    bool is_watched = false;
  };

  [[nodiscard]] const Descriptor& socket_of(const Side& side) const;
  [[nodiscard]] boost::system::error_code watch(Side& side);
  void forget(Side& side);
  std::size_t read_some(Side& side, std::size_t most);
  void note_failure(Side& side);
  std::optional<Drop> send_from(const Descriptor& socket,
                                std::span<const std::uint8_t> packet,
                                const Address& to);

  Receiving receiving_;
  BoundPair sockets_;
  Side rtp_;
  Side rtcp_;
  Reading reading_ = Reading::AtOnce;
  Listener* listener_ = nullptr;
};

}  // namespace mediaswitch
