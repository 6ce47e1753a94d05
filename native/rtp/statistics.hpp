#pragma once

#include <cstdint>
#include <optional>

#include "core/drop.hpp"
#include "core/time.hpp"
#include "rtp/ear.hpp"
#include "rtp/heard_times.hpp"

namespace mediaswitch {

struct Traffic {
  std::uint64_t packets = 0;
  /// Payload only: without header, extension and padding.
  std::uint64_t octets = 0;
};

/// How late ticks began.
struct TickLateness {
  std::uint64_t count = 0;
  Time::duration sum{};
  Time::duration longest{};
};

/// How good a stream is, as far as somebody measured it.
struct StreamQuality {
  std::optional<std::uint64_t> lost = std::nullopt;
  std::optional<double> jitter_millis = std::nullopt;
  std::optional<double> r_factor = std::nullopt;
  std::optional<double> mos = std::nullopt;
};

/// Everything counted on one channel. `datagrams` = `forwarded` + `consumed` + all of `dropped`.
struct Statistics {
  /// All that came to its two ports.
  std::uint64_t datagrams = 0;
  std::uint64_t forwarded = 0;
  /// Taken for a tick (mixed, recorded, listened to), or read as RTCP.
  std::uint64_t consumed = 0;
  /// Valid RTP from the far end, whether or not it went any further.
  Traffic received;
  Traffic sent;
  /// As we measured it.
  StreamQuality of_received;
  /// As the far end reports it.
  StreamQuality of_sent;
  std::optional<double> round_trip_millis;
  DropCounts dropped;
  /// Packets, RTP and RTCP, that were to be sent from its two ports and did not go. What came to another
  /// channel to be relayed is among the `dropped` of that one, too.
  DropCounts refused;
  TickLateness ticks;
  std::optional<Ear::Statistics> jitter_buffer;
  /// nullopt: no valid RTP came.
  std::optional<Heard> heard;
};

}  // namespace mediaswitch
