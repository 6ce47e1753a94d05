#pragma once

#include <cstdint>
#include <optional>

#include "core/drop.hpp"
#include "core/result.hpp"
#include "core/sequence.hpp"
#include "core/units.hpp"
#include "rtp/media_span.hpp"
#include "rtp/sequence_window.hpp"

namespace mediaswitch {

/// Gives each packet of a stream its place among the others: in order, each once, and on a clock that does
/// not wrap.
class Arrivals {
 public:
  struct Key {
    Ssrc ssrc;
    /// Of the timestamps. One SSRC with another clock is another stream (RFC 7160 §4: it should not be).
    ClockRate clock;
    ExtendedSequence sequence;
    RtpTimestamp timestamp;
  };
  struct Place {
    MediaSpan begin;
    /// No packet with a later sequence number came before it.
    bool is_newest;
    /// The first of another stream: nothing before it is worth anything.
    bool is_new_stream;
  };

  /// Else DuplicatePacket, or LateForPlayout for one of a stream that another took the place of or so old
  /// that nobody knows whether it was seen.
  Result<Place, Drop> place(const Key& packet);

 private:
  struct Stream {
    Ssrc ssrc;
    ClockRate clock;
    friend constexpr bool operator==(const Stream&, const Stream&) = default;
  };
  struct Ended {
    Stream stream;
    ExtendedSequence newest;
  };

  [[nodiscard]] bool is_straggler(const Stream& stream, ExtendedSequence sequence) const;

  std::optional<Stream> stream_;
  std::optional<Ended> before_;
  SequenceWindow seen_;
  /// The newest packet's, and what it stands for.
  RtpTimestamp timestamp_{};
  MediaSpan begin_{};
};

}  // namespace mediaswitch
