#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "codecs/codec.hpp"
#include "codecs/registry.hpp"
#include "codecs/transcoder.hpp"
#include "core/drop.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "rtp/event_scale.hpp"
#include "rtp/outbox.hpp"
#include "rtp/outgoing_stream.hpp"
#include "rtp/packet.hpp"
#include "rtp/repacketizer.hpp"
#include "rtp/sending_side.hpp"
#include "rtp/timestamp_scale.hpp"

namespace mediaswitch {

/// What a packet carries.
enum class Content : std::uint8_t { Audio, TelephoneEvent, ComfortNoise };

/// A packet that one leg took, on its way to the other. The payload has the room for a header before it.
struct RelayedPacket {
  SourceKey source;
  ExtendedSequence sequence;
  RtpPacket packet;
  Content content = Content::Audio;
  /// Of audio.
  AudioFormat format = AudioFormat::Pcmu;
  Time now;
};

/// One direction of a bridge of two: each packet goes on at once, its header rewritten and its payload
/// transcoded where the formats differ.
///
/// What goes out has our SSRC, the receiver's payload type, the source's marker, and neither CSRC, header
/// extension nor padding. It lasts what the packet that came in lasts, unless the receiver named its ptime or
/// takes frames of another length: then it is cut anew (Repacketizer), and paced by `tick`.
/// Telephone-events and comfort noise go one for one, under the receiver's payload types, their timestamps
/// moved by the same constant as the audio's. A source whose audio changes to a format with another RTP clock
/// is another source from then on.
class Relay {
 public:
  /// From a leg whose telephone-events count time by `event_clock`, to a leg; both outlive the relay.
  Relay(ClockRate event_clock, SendingSide& to, Outbox& outbox);

  /// nullopt: sent, or kept for its turn. Else why not: nothing was sent then, or, of what is cut anew, not
  /// all that was due.
  std::optional<Drop> forward(const RelayedPacket& packet);

  /// Makes what is needed for the formats that are likely to come, and for what packets that came asked for:
  /// until then those that can't go straight are dropped (NotBridged). After a new agreement with the
  /// receiver, everything anew. Allocates.
  void arrange(std::span<const AudioFormat> expected);

  [[nodiscard]] bool wants_ticks() const;
  /// Sends what waited for its turn.
  void tick(Time now);

 private:
  /// How one format of the source becomes the receiver's.
  struct Conversion {
    std::unique_ptr<Transcoder> transcoder;
    std::unique_ptr<Repacketizer> repacketizer;
    /// Payloads of so many octets, or a multiple, fill the receiver's coded units.
    std::size_t fitting = 1;
    /// Octets of a payload that lasts what the receiver asked for; 0: it asked for nothing.
    std::size_t wanted = 0;
    /// Packets of another length, one after the other.
    unsigned misfits = 0;
    /// Packets come that need a repacketizer.
    bool needs_repacketizer = false;
    bool is_expected = false;
  };

  [[nodiscard]] Conversion& conversion_of(AudioFormat format) {
    return conversions_[static_cast<std::size_t>(format)];
  }
  void note_length(AudioFormat format, std::size_t octets);
  void measure(AudioFormat format);
  void make(AudioFormat format);
  void ask_for_arrangement();
  /// Of the packet, with the clock that its timestamp counts by.
  [[nodiscard]] SourceKey source_of(const RelayedPacket& packet) const;
  void start_source(const SourceKey& source);

  std::optional<Drop> forward_audio(const RelayedPacket& packet);
  std::optional<Drop> forward_event(const RelayedPacket& packet);
  std::optional<Drop> forward_noise(const RelayedPacket& packet);
  std::optional<Drop> transcode(const RelayedPacket& packet, Transcoder& transcoder);
  std::optional<Drop> cut_anew(const RelayedPacket& packet, Repacketizer& repacketizer);
  /// What is not transcoded: under `as`, with the receiver's `timestamp`.
  struct Passed {
    PayloadType as;
    RtpTimestamp timestamp;
    RtpTicks length{0};
  };
  std::optional<Drop> pass(const RelayedPacket& packet, const Passed& passed);
  /// `octets` begins with room for the header.
  std::optional<Drop> send(const RtpHeader& header, std::span<std::uint8_t> octets);
  /// All that are due. The first refusal, when one was refused; the others are sent nevertheless.
  std::optional<Drop> send_pieces(Repacketizer& repacketizer, const SourceKey& source, Time now);

  ClockRate event_clock_;
  SendingSide& to_;
  Outbox& outbox_;
  std::array<Conversion, formats.size()> conversions_;
  std::optional<SourceKey> source_;
  /// Of the source now heard, what a decoder took last.
  std::optional<ExtendedSequence> decoded_;
  RtpTimestamp decoded_until_;
  TimestampScale scale_{{8000}, {8000}};
  EventScale events_;
  bool is_arrangement_asked_ = false;
  /// That of the receiver for which everything here was made.
  std::uint32_t agreement_;
  /// Header and payload of what is not rewritten in place; there once something has to be transcoded.
  std::unique_ptr<std::array<std::uint8_t, rtp_header_size + most_octets>> buffer_;
};

}  // namespace mediaswitch
