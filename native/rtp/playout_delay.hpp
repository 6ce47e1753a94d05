#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "audio/frame.hpp"
#include "rtp/media_span.hpp"

namespace mediaswitch {

/// How long packets have to be held back so that nearly all of them come before their turn. Learnt from when
/// the packets of the last seconds came.
///
/// A packet's transit is its arrival on our clock less its timestamp on the sender's; only differences of
/// transits mean anything. Jitter is the 99th percentile of transits above the least of them. Clock drift
/// shows as transits that slowly grow or shrink, and is followed because old ones are forgotten.
class PlayoutDelay {
 public:
  /// Jitter above `longest` is taken for as much.
  explicit PlayoutDelay(MediaSpan longest) : longest_(longest) {}

  /// A packet with the media from `begin` on, `length` of it.
  void note(MediaSpan begin, MediaSpan length, MediaSpan arrived);
  /// Another sender, or another clock of the same one.
  void forget();
  [[nodiscard]] bool knows_nothing() const { return filled_ == 0; }

  /// How much later than the quickest packet remembered; negative: earlier.
  [[nodiscard]] MediaSpan lateness(MediaSpan begin, MediaSpan arrived) const {
    return arrived - begin - least_transit_;
  }
  [[nodiscard]] MediaSpan jitter() const { return percentile_ - least_transit_; }

  /// How long the media at `front` was held back, had it come by the quickest packet, when it is played at
  /// `tick`.
  [[nodiscard]] MediaSpan held_back(MediaSpan tick, MediaSpan front) const { return lateness(front, tick); }

  /// The latest media a frame may begin with at `tick` so that it and the frames of the ticks after it are
  /// there in time, were the packets late by the jitter and by `margin`.
  [[nodiscard]] MediaSpan latest_front(MediaSpan tick, MediaSpan margin) const;

 private:
  /// As many of the greatest transits as the percentile of all periods may need, in falling order.
  using Greatest = std::array<MediaSpan, 4>;
  struct Period {
    std::uint32_t packets = 0;
    MediaSpan least = MediaSpan::max();
    Greatest greatest = {MediaSpan::min(), MediaSpan::min(), MediaSpan::min(), MediaSpan::min()};
  };

  void begin_period(MediaSpan now);
  void summarize();

  static constexpr std::size_t periods_remembered = 10;

  MediaSpan longest_;
  std::array<Period, periods_remembered> periods_{};
  /// Periods in use; the newest of them, and when it began.
  std::size_t filled_ = 0;
  std::size_t newest_ = 0;
  MediaSpan begun_{};
  MediaSpan last_arrival_{};

  MediaSpan least_transit_{};
  MediaSpan percentile_{};
  /// Where packets begin: at this instant and whole steps from it.
  MediaSpan grid_origin_{};
  MediaSpan packet_length_{frame_length};
  /// Both a frame and a packet are a whole number of these.
  MediaSpan common_step_{frame_length};
};

}  // namespace mediaswitch
