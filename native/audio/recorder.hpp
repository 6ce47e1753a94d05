#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "audio/byte_sink.hpp"
#include "audio/end_reason.hpp"
#include "audio/frame.hpp"
#include "audio/power.hpp"
#include "audio/rate_converter.hpp"
#include "audio/wav_writer.hpp"
#include "core/units.hpp"

namespace mediaswitch {

/// Whose voice: what came from the far end, what it was sent.
enum class RecordDirection : std::uint8_t { In, Out, Both };

/// What is to be recorded of a channel.
struct Recording {
  /// 2: what came in on the left, what went out on the right; the only voice of a direction on both. 1: their
  /// sum.
  std::uint16_t channels = 2;
  RecordDirection direction = RecordDirection::Both;
  /// Of what comes in, by `PowerMeter::average`: nothing is written before it is above; 0: at once.
  double start_above_power = 0;
  /// It ends when the power has been above and falls below; 0: never.
  double finish_below_power = 0;
  std::uint32_t average_packets = 250;
  /// Limits of the audio written. Nothing but a command ends it before `least`. `longest` 0: no limit.
  Millis least{};
  Millis longest{};
};

/// Writes what a channel hears and says to a WAV file that is valid at every moment. A tick in which neither
/// voice says anything is not written; one that says nothing while the other does is written as silence.
///
/// Not for media threads: it opens and writes the file as it is called, and allocates.
class Recorder {
 public:
  enum class Begin : std::uint8_t {
    Now,
    /// With `release`. Until then what comes in is kept, at most `most_held` samples of it, the latest; then
    /// it is written first, whatever the power, and doesn't count towards `least` and `longest`.
    Held,
  };
  static constexpr std::size_t most_held = 480'000;

  struct Options {
    /// Of the file.
    ClockRate sampling = narrowband;
    Begin begin = Begin::Now;
    /// Packets that came from the far end before.
    std::uint32_t heard_before = 0;
  };

  enum class Change : std::uint8_t { Recording, AbovePower, Paused, Resumed };
  struct Finish {
    RecordEnd reason = RecordEnd::Requested;
    /// Of the file; 0: it was never made.
    std::uint64_t octets = 0;
    Millis duration{};
    friend constexpr bool operator==(const Finish&, const Finish&) = default;
  };
  /// What a call led to, in this order. After `finish` the file is closed, and nothing more happens.
  struct News {
    std::optional<Change> change;
    std::optional<Finish> finish;
    friend constexpr bool operator==(const News&, const News&) = default;
  };

  /// `open` is called once at most, when there is something to write.
  Recorder(const Recording& recording, const Options& options, OpenSink open);

  /// To be called first, once.
  News start();
  /// One tick: what came in and what went out, nullptr: nothing.
  News take(const Frame* in, const Frame* out);
  News release();
  News pause();
  News resume();
  News finish(RecordEnd reason);

  [[nodiscard]] bool has_finished() const { return state_ == State::Finished; }

 private:
  enum class State : std::uint8_t {
    Held,
    /// Waits for somebody to speak.
    Gated,
    Writing,
    Finished,
  };

  [[nodiscard]] bool is_gated() const { return recording_.start_above_power > 0; }
  News begin();
  std::optional<RecordEnd> open();
  void hear(const Frame* in);
  void hold(const Frame& in);
  News wait_for_power();
  /// Writes this tick, then looks whether that was the last one.
  News write_tick();
  [[nodiscard]] std::optional<RecordEnd> limit_reached() const;
  /// Per channel, what `longest` leaves.
  [[nodiscard]] std::uint64_t samples_left() const;
  /// What this tick is in the file, both channels in turn; empty: nothing.
  void lay_out(const Frame* in, const Frame* out);
  /// One voice at the file's sampling rate, written to `to`.
  std::span<const std::int16_t> converted(const Frame& frame,
                                          RateConverter& converter,
                                          std::vector<std::int16_t>& to) const;
  [[nodiscard]] std::uint64_t samples_of(Millis length) const;

  Recording recording_;
  Options options_;
  OpenSink open_;
  State state_;
  bool is_paused_ = false;
  std::optional<WavWriter> file_;

  PowerMeter meter_;
  /// Highest average since writing began.
  double peak_ = 0;
  /// Samples per channel that count towards the limits.
  std::uint64_t counted_ = 0;

  RateConverter in_converter_;
  RateConverter out_converter_;
  std::vector<std::int16_t> in_;
  std::vector<std::int16_t> out_;
  std::vector<std::int16_t> tick_;
  /// What came in while held, one channel.
  std::deque<std::int16_t> held_;
  /// The last ticks before the gate opened, as they would be in the file.
  std::deque<std::int16_t> before_;
};

}  // namespace mediaswitch
