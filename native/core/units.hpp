#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>

#include "core/time.hpp"

namespace mediaswitch {

/// A plain number whose type says what it counts, so that two such numbers can't be confused.
template <class Tag, class Rep>
struct Strong {
  Rep value{};
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the comparison with 0 for a pointer
  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;
};

/// Hertz. A codec has two: sampling and RTP clock, equal except for G.722 (RFC 3551 §4.5.2).
using ClockRate = Strong<struct ClockRateTag, std::uint32_t>;
/// PCM samples of one channel, at the codec's sampling rate.
using Samples = Strong<struct SamplesTag, std::uint32_t>;
/// A length of time on an RTP clock.
using RtpTicks = Strong<struct RtpTicksTag, std::uint32_t>;
/// An instant on an RTP clock; wraps at 2^32.
using RtpTimestamp = Strong<struct RtpTimestampTag, std::uint32_t>;
/// RFC 3550 §3: names one stream within an RTP session.
using Ssrc = Strong<struct SsrcTag, std::uint32_t>;
/// 0–127 (RFC 3550 §5.1).
using PayloadType = Strong<struct PayloadTypeTag, std::uint8_t>;
/// Names a channel for as long as the engine runs; never used twice.
using ChannelId = Strong<struct ChannelIdTag, std::uint64_t>;

constexpr RtpTimestamp operator+(RtpTimestamp at, RtpTicks length) { return {at.value + length.value}; }

/// Ticks from `from` to `to`: negative when `to` is earlier. Right while they are less than 2^31 apart.
constexpr std::int32_t ticks_between(RtpTimestamp from, RtpTimestamp to) {
  return static_cast<std::int32_t>(to.value - from.value);
}

/// Counts modulo 2^32, as RTP clocks do; whole seconds first, so that no product overflows.
constexpr RtpTicks ticks_in(std::chrono::nanoseconds length, ClockRate rate) {
  const std::int64_t nanos_per_second = 1'000'000'000;
  const std::int64_t whole = length.count() / nanos_per_second * rate.value;
  const std::int64_t part = length.count() % nanos_per_second * rate.value / nanos_per_second;
  return {static_cast<std::uint32_t>(whole + part)};
}

constexpr Samples samples_in(Millis length, ClockRate sampling) {
  return {static_cast<std::uint32_t>(length.count() * sampling.value / 1000)};
}

}  // namespace mediaswitch

template <>
struct std::hash<mediaswitch::ChannelId> {
  std::size_t operator()(mediaswitch::ChannelId id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value);
  }
};
