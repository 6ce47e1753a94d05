#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/drop.hpp"
#include "core/result.hpp"
#include "core/sequence.hpp"
#include "core/units.hpp"

namespace mediaswitch {

/// Octets of the header without CSRC list and extension (RFC 3550 §5.1).
inline constexpr std::size_t rtp_header_size = 12;

/// What the fixed header says besides lengths: all of it that we ever send.
struct RtpHeader {
  bool marker = false;
  PayloadType payload_type;
  SequenceNumber sequence;
  RtpTimestamp timestamp;
  Ssrc ssrc;
};

/// A received packet, its lengths checked. `payload` is without CSRC list, extension and padding, at least
/// one octet long, at least `rtp_header_size` octets into the datagram, and part of the datagram's buffer.
struct RtpPacket {
  RtpHeader header;
  std::span<std::uint8_t> payload;
};

/// Reads a datagram of any length and content.
Result<RtpPacket, Drop> read_rtp(std::span<std::uint8_t> datagram);

/// Writes a header without CSRC, extension or padding.
void write_rtp_header(const RtpHeader& header, std::span<std::uint8_t, rtp_header_size> octets);

}  // namespace mediaswitch
