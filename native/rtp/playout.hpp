#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "audio/frame.hpp"
#include "audio/sample_queue.hpp"
#include "codecs/registry.hpp"
#include "core/sequence.hpp"
#include "rtp/delay_balance.hpp"
#include "rtp/ear.hpp"
#include "rtp/jitter_buffer.hpp"
#include "rtp/media_span.hpp"
#include "rtp/playout_delay.hpp"
#include "rtp/voice.hpp"

namespace mediaswitch {

/// The playing half of an ear: packets that have their place on the sender's clock, to a frame each tick.
///
/// What a frame begins with follows from the sender's clock, not from counting packets. Where a packet is
/// missing the time it stood for is filled; where the sender was silent, or nothing is at hand, the delay is
/// free to become what jitter asks for; within speech it changes by splices.
class Playout {
 public:
  struct Options {
    ClockRate sampling;
    MediaSpan longest_delay;
  };
  struct Packet {
    AudioFormat format;
    ExtendedSequence sequence;
    MediaSpan begin;
    MediaSpan length;
    MediaSpan arrived;
    bool begins_talk;
    std::span<const std::uint8_t> payload;
  };

  Playout(std::span<const AudioFormat> agreed, const Options& options);

  [[nodiscard]] bool speaks(AudioFormat format) const { return voice_.speaks(format); }

  /// Forgets all; `packet` is the first of what comes now.
  void start_anew(const Packet& packet);
  /// Whether it comes so much sooner than the others that only another clock can have stamped it.
  [[nodiscard]] bool is_ahead(const Packet& packet) const;
  /// Learns from when it came. False: its turn has gone.
  bool note(const Packet& packet);
  /// False: there is no room.
  bool store(const Packet& packet);

  /// As `Ear::hear`.
  bool hear(MediaSpan now, Frame& out);
  [[nodiscard]] bool was_silence() const { return was_silence_; }

  [[nodiscard]] const Ear::Statistics& statistics() const { return statistics_; }

 private:
  using Piece = JitterBuffer::Piece;

  void keep_below_longest(MediaSpan now);
  void skip_to(MediaSpan target);

  void fill(MediaSpan now);
  bool play_silence(const Piece& piece);
  bool bridge_gap(const Piece& piece, MediaSpan now);
  void play(const Piece& piece);
  void pop();
  void fill_up();

  void adjust();
  std::size_t make_longer();
  std::size_t make_shorter();

  [[nodiscard]] MediaSpan queued() const { return span_of_samples(queue_.size(), sampling_); }
  [[nodiscard]] MediaSpan front() const;
  [[nodiscard]] bool is_playing() const;
  [[nodiscard]] bool continues(const Piece& piece) const;
  [[nodiscard]] bool is_missing_before(const Piece& piece) const;

  ClockRate sampling_;
  std::size_t frame_samples_;
  MediaSpan longest_delay_;

  JitterBuffer buffer_;
  PlayoutDelay delay_;
  DelayBalance balance_;
  Voice voice_;
  SampleQueue queue_;

  /// After the last sample that went into the queue, and the packet it was of.
  MediaSpan played_until_{};
  ExtendedSequence played_sequence_{};
  MediaSpan last_tick_{};
  /// What was given out since the buffer ran empty. Whether it stands for media that is lost, or only made
  /// the delay longer, is settled when the next packet comes.
  MediaSpan vacant_{};
  /// Ticks until the next splice.
  unsigned resting_ = 0;
  bool is_concealed_ = false;
  bool was_silence_ = false;
  Ear::Statistics statistics_;
};

}  // namespace mediaswitch
