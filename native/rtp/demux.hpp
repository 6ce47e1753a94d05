#pragma once

#include <cstdint>
#include <span>

namespace mediaswitch {

enum class DatagramKind : std::uint8_t { Stun, Zrtp, Dtls, TurnChannel, Rtp, Rtcp, Unknown };

/// Tells protocols that share a port apart by the first octet (RFC 7983 §7), and RTCP from RTP by the
/// second: packet types 192–223 are RTCP's (RFC 5761 §4). An empty datagram is Unknown.
constexpr DatagramKind kind_of(std::span<const std::uint8_t> octets) {
  if (octets.empty()) return DatagramKind::Unknown;
  const std::uint8_t first = octets[0];
  if (first <= 3) return DatagramKind::Stun;
  if (first >= 16 && first <= 19) return DatagramKind::Zrtp;
  if (first >= 20 && first <= 63) return DatagramKind::Dtls;
  if (first >= 64 && first <= 79) return DatagramKind::TurnChannel;
  if (first < 128 || first > 191) return DatagramKind::Unknown;
  const bool is_rtcp = octets.size() > 1 && octets[1] >= 192 && octets[1] <= 223;
  return is_rtcp ? DatagramKind::Rtcp : DatagramKind::Rtp;
}

}  // namespace mediaswitch
