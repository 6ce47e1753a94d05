#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mediaswitch {

/// Why a received datagram goes no further. Each is counted on the channel that received it, also when the
/// refusal is the other leg's.
enum class Drop : std::uint8_t {
  // What it is (RFC 7983, RFC 5761)
  NotMedia,       ///< The first octet belongs to no protocol of this port.
  Stun,           ///< STUN is not spoken here yet.
  Dtls,           ///< DTLS is not spoken here yet.
  Zrtp,           ///< ZRTP is not spoken here.
  TurnChannel,    ///< TURN channel data: we are no TURN client.
  RtcpOnRtpPort,  ///< RTCP where only RTP was agreed.
  NotRtcp,        ///< Anything else on the RTCP port.
  BadRtcp,        ///< A compound packet that breaks RFC 3550 A.2.
  Oversize,       ///< Filled the read buffer, so its end may be cut off.
  // Its shape (RFC 3550 §5.1)
  TruncatedHeader,     ///< Shorter than the fixed header with its CSRC list.
  TruncatedExtension,  ///< Shorter than its header extension says.
  BadPadding,          ///< Padding count is 0 or longer than what follows the header.
  EmptyPayload,        ///< Nothing after the header: a keep-alive (RFC 6263 §4.1).
  // Where it is from
  NoTarget,           ///< Nobody told us yet who the far end is.
  SourceUnconfirmed,  ///< From a new source that has not yet shown three packets in a row.
  UnknownSource,      ///< From neither the signalled nor the learnt address.
  // Whether we take it
  SequenceJump,           ///< First packet after an implausible jump (RFC 3550 A.1).
  ReceiveOff,             ///< The direction agreed on says that we take nothing.
  UnexpectedPayloadType,  ///< A payload type that was not agreed on.
  BadTelephoneEvent,      ///< Shorter than RFC 4733 §2.3 wants.
  BadPayload,             ///< Not a whole number of the codec's units, or longer than any packet may be.
  DuplicatePacket,        ///< A decoder or mixer has this packet already.
  LateForDecoder,         ///< Came after a later one that a decoder has taken.
  LateForPlayout,         ///< Came after its turn in the jitter buffer.
  JitterBufferFull,       ///< Further ahead than the jitter buffer holds.
  // Where it would go
  NotBridged,             ///< Nobody to hear it.
  SendOff,                ///< The other leg's direction says that we send nothing.
  NoDestination,          ///< The other leg's far end is not known.
  TelephoneEventRefused,  ///< The other leg takes no telephone-events.
  ComfortNoiseRefused,    ///< The other leg takes no comfort noise packets (RFC 3389): it hears a pause.
  Preempted,              ///< The other leg is being sent something of ours that goes first.
  BeforeSource,           ///< Older than the packet at which the other leg began to hear this source.
  SendWouldBlock,         ///< The system's send buffer is full.
  SendFailed,             ///< The system refused to send.
};

inline constexpr std::array all_drops{
    Drop::NotMedia,
    Drop::Stun,
    Drop::Dtls,
    Drop::Zrtp,
    Drop::TurnChannel,
    Drop::RtcpOnRtpPort,
    Drop::NotRtcp,
    Drop::BadRtcp,
    Drop::Oversize,
    Drop::TruncatedHeader,
    Drop::TruncatedExtension,
    Drop::BadPadding,
    Drop::EmptyPayload,
    Drop::NoTarget,
    Drop::SourceUnconfirmed,
    Drop::UnknownSource,
    Drop::SequenceJump,
    Drop::ReceiveOff,
    Drop::UnexpectedPayloadType,
    Drop::BadTelephoneEvent,
    Drop::BadPayload,
    Drop::DuplicatePacket,
    Drop::LateForDecoder,
    Drop::LateForPlayout,
    Drop::JitterBufferFull,
    Drop::NotBridged,
    Drop::SendOff,
    Drop::NoDestination,
    Drop::TelephoneEventRefused,
    Drop::ComfortNoiseRefused,
    Drop::Preempted,
    Drop::BeforeSource,
    Drop::SendWouldBlock,
    Drop::SendFailed,
};

/// The name by which statistics tell of it.
constexpr std::string_view name(Drop drop) {
  switch (drop) {
    case Drop::NotMedia: return "NotMedia";
    case Drop::Stun: return "Stun";
    case Drop::Dtls: return "Dtls";
    case Drop::Zrtp: return "Zrtp";
    case Drop::TurnChannel: return "TurnChannel";
    case Drop::RtcpOnRtpPort: return "RtcpOnRtpPort";
    case Drop::NotRtcp: return "NotRtcp";
    case Drop::BadRtcp: return "BadRtcp";
    case Drop::Oversize: return "Oversize";
    case Drop::TruncatedHeader: return "TruncatedHeader";
    case Drop::TruncatedExtension: return "TruncatedExtension";
    case Drop::BadPadding: return "BadPadding";
    case Drop::EmptyPayload: return "EmptyPayload";
    case Drop::NoTarget: return "NoTarget";
    case Drop::SourceUnconfirmed: return "SourceUnconfirmed";
    case Drop::UnknownSource: return "UnknownSource";
    case Drop::SequenceJump: return "SequenceJump";
    case Drop::ReceiveOff: return "ReceiveOff";
    case Drop::UnexpectedPayloadType: return "UnexpectedPayloadType";
    case Drop::BadTelephoneEvent: return "BadTelephoneEvent";
    case Drop::BadPayload: return "BadPayload";
    case Drop::DuplicatePacket: return "DuplicatePacket";
    case Drop::LateForDecoder: return "LateForDecoder";
    case Drop::LateForPlayout: return "LateForPlayout";
    case Drop::JitterBufferFull: return "JitterBufferFull";
    case Drop::NotBridged: return "NotBridged";
    case Drop::SendOff: return "SendOff";
    case Drop::NoDestination: return "NoDestination";
    case Drop::TelephoneEventRefused: return "TelephoneEventRefused";
    case Drop::ComfortNoiseRefused: return "ComfortNoiseRefused";
    case Drop::Preempted: return "Preempted";
    case Drop::BeforeSource: return "BeforeSource";
    case Drop::SendWouldBlock: return "SendWouldBlock";
    case Drop::SendFailed: return "SendFailed";
  }
  return {};
}

/// One counter per reason.
class DropCounts {
 public:
  void count(Drop drop) { ++counts_[static_cast<std::size_t>(drop)]; }
  [[nodiscard]] std::uint64_t of(Drop drop) const { return counts_[static_cast<std::size_t>(drop)]; }

 private:
  std::array<std::uint64_t, all_drops.size()> counts_{};
};

}  // namespace mediaswitch
