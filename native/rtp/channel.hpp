#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/drop.hpp"
#include "core/random.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "rtp/datagram.hpp"
#include "rtp/idle_rule.hpp"
#include "rtp/outbox.hpp"
#include "rtp/packet.hpp"
#include "rtp/reception.hpp"
#include "rtp/relay.hpp"
#include "rtp/remote_media.hpp"
#include "rtp/source_latch.hpp"
#include "rtp/statistics.hpp"
#include "rtp/telephone_event.hpp"

namespace mediaswitch {

/// One RTP/RTCP socket pair's processing. `receive` is the packet's path, a list of named steps.
///
/// Owned by one shard; nothing here is safe to touch from another thread. Neither locks, allocates nor
/// throws once it is made, but for `target`.
class Channel {
 public:
  /// `outbox` outlives the channel.
  Channel(ChannelId id, Outbox& outbox, Random random);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  Channel(Channel&&) = delete;
  Channel& operator=(Channel&&) = delete;
  /// Leaves its bridge.
  ~Channel();

  /// Sets or changes the far end and arms the learning of its real source.
  void target(const RemoteMedia& remote);

  /// What came to the RTP port: relayed at once to the leg bridged with, or counted as a Drop.
  void receive(const Datagram& datagram);
  /// What came to the RTCP port.
  void receive_control(const Datagram& datagram);
  /// A datagram that did not fit the reader's buffer.
  void receive_oversize();

  /// Both hear each other from now on; each leaves the bridge it was in.
  static void join(Channel& one, Channel& other);
  /// Leaves the bridge, if it is in one.
  void part();

  /// Time passed without anything having to happen. True: idle for so long that it has to be closed.
  [[nodiscard]] bool pass_time(Millis step) { return idle_.advance(step); }

  [[nodiscard]] Statistics statistics() const;
  [[nodiscard]] ChannelId id() const { return id_; }

 private:
  /// What a payload type was agreed to stand for.
  enum class Meaning : std::uint8_t { None, Audio, TelephoneEvent };
  struct Agreed {
    Meaning meaning = Meaning::None;
    AudioFormat format = AudioFormat::Pcmu;
  };
  /// A datagram and what the steps found out about it.
  struct Arrival {
    const Datagram& datagram;
    RtpPacket packet;
    Agreed agreed;
    ExtendedSequence sequence;
  };

  std::optional<Drop> process(Arrival& arrival);
  static std::optional<Drop> demultiplex(const Arrival& arrival);
  std::optional<Drop> read_packet(Arrival& arrival) const;
  std::optional<Drop> check_source(const Arrival& arrival);
  std::optional<Drop> note_reception(Arrival& arrival);
  [[nodiscard]] std::optional<Drop> check_agreement(const Arrival& arrival) const;
  std::optional<Drop> note_telephone_event(const Arrival& arrival);
  std::optional<Drop> forward(const Arrival& arrival);

  ChannelId id_;
  Outbox& outbox_;
  SourceLatch latch_;
  Reception reception_;
  KeyPresses key_presses_;
  IdleRule idle_;
  std::array<Agreed, 128> agreed_{};
  bool may_receive_ = true;
  ClockRate clock_ = traits(AudioFormat::Pcmu).clocks.rtp;
  Traffic received_;
  DropCounts dropped_;
  SendingSide sending_;
  Channel* partner_ = nullptr;
};

}  // namespace mediaswitch
