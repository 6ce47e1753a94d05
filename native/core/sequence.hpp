#pragma once

#include <cstdint>

#include "core/units.hpp"

namespace mediaswitch {

/// RTP sequence number: 16 bits, wraps (RFC 3550 §5.1).
using SequenceNumber = Strong<struct SequenceNumberTag, std::uint16_t>;
/// A sequence number with the count of its wraps above it; orders packets of one source for ever.
using ExtendedSequence = Strong<struct ExtendedSequenceTag, std::int64_t>;

/// Steps forward from `from` to `to`, 0–65535.
constexpr std::uint16_t steps_forward(SequenceNumber from, SequenceNumber to) {
  return static_cast<std::uint16_t>(to.value - from.value);
}

/// True when `later` is ahead of `earlier` by less than half the circle.
constexpr bool is_after(SequenceNumber later, SequenceNumber earlier) {
  return static_cast<std::int16_t>(steps_forward(earlier, later)) > 0;
}

constexpr SequenceNumber next(SequenceNumber number) {
  return {static_cast<std::uint16_t>(number.value + 1)};
}

constexpr SequenceNumber truncate(ExtendedSequence extended) {
  return {static_cast<std::uint16_t>(static_cast<std::uint64_t>(extended.value))};
}

}  // namespace mediaswitch
