#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "codecs/codec.hpp"
#include "core/random.hpp"
#include "rtp/ear.hpp"

namespace mediaswitch::test {

/// Even over 0 to 1.
inline double draw(Random& random) { return random.next32() / 4294967296.0; }

/// A packet on its way to an ear.
struct Flying {
  AudioFormat format = AudioFormat::Pcmu;
  Ssrc ssrc{7};
  std::int64_t sequence = 0;
  std::uint32_t timestamp = 0;
  bool marker = false;
  std::vector<std::uint8_t> payload;
  Time arrives{};
};

/// What a sender says, packet by packet, and what the network makes of it.
class JitteryStream {
 public:
  struct Options {
    AudioFormat format = AudioFormat::Pcmu;
    Millis ptime{20};
    /// How much too fast the sender's clock goes.
    double drift_ppm = 0;
    /// When the first packet is sent.
    Time::duration from{};
  };
  /// The sample so many samples from the start, at the format's sampling rate.
  using Signal = std::function<std::int16_t(std::int64_t)>;

  JitteryStream(const Options& options, Signal signal)
      : encoder_(options.format), options_(options), signal_(std::move(signal)) {}

  /// Says the next packet; it is lost when `delay` is nullopt.
  void say(std::optional<Time::duration> delay) {
    const FormatTraits& kind = traits(options_.format);
    const std::size_t count = samples_in(options_.ptime, kind.clocks.sampling).value;
    std::vector<std::int16_t> pcm(count);
    for (std::int16_t& sample : pcm) sample = signal_(sample_++);
    Flying packet{.format = options_.format,
                  .ssrc = ssrc,
                  .sequence = sequence_++,
                  .timestamp = timestamp_,
                  .marker = std::exchange(marker, false),
                  .payload = std::vector<std::uint8_t>(2 * count + 64)};
    packet.payload.resize(encoder_.encode(pcm, packet.payload));
    packet.arrives = sent_ + delay.value_or(Time::duration{});
    timestamp_ += samples_in(options_.ptime, kind.clocks.rtp).value;
    sent_ += real(options_.ptime);
    if (delay) packets.push_back(std::move(packet));
  }
  /// Sends nothing for that long.
  void pause(Millis length) {
    const CodecClocks& clocks = traits(options_.format).clocks;
    sample_ += samples_in(length, clocks.sampling).value;
    timestamp_ += samples_in(length, clocks.rtp).value;
    sent_ += real(length);
  }
  void change_ptime(Millis ptime) { options_.ptime = ptime; }
  void change_format(AudioFormat format) {
    sample_ = sample_ * traits(format).clocks.sampling.value / traits(options_.format).clocks.sampling.value;
    options_.format = format;
    encoder_ = Encoder(format);
  }
  void jump_timestamp(std::int64_t ticks) { timestamp_ += static_cast<std::uint32_t>(ticks); }
  void jump_sequence(std::int64_t steps) { sequence_ += steps; }

  [[nodiscard]] Time sent() const { return sent_; }

  Ssrc ssrc{7};
  bool marker = true;
  std::vector<Flying> packets;

 private:
  [[nodiscard]] Time::duration real(Millis media) const {
    return std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(media) /
                                                      (1 + options_.drift_ppm * 1e-6));
  }

  Encoder encoder_;
  Options options_;
  Signal signal_;
  std::int64_t sample_ = 0;
  std::int64_t sequence_ = 1000;
  // Wraps soon.
  std::uint32_t timestamp_ = 0xFFFFF000U;
  Time sent_{Time::duration{std::chrono::seconds(5)}};
};

/// One tick of an ear.
struct Heard {
  Time at{};
  bool audible = false;
  Frame frame;
  Ear::Statistics statistics;
};

struct Run {
  std::vector<Heard> ticks;
  DropCounts drops;

  [[nodiscard]] std::vector<std::int16_t> audio() const {
    std::vector<std::int16_t> all;
    for (const Heard& tick : ticks) {
      const auto pcm = tick.frame.pcm();
      if (tick.audible) all.insert(all.end(), pcm.begin(), pcm.end());
    }
    return all;
  }
};

/// Gives the packets to the ear when they arrive, and ticks from the start on until all are through.
/// `lateness`: how late each tick comes.
inline Run listen(
    Ear& ear,
    std::vector<Flying> packets,
    Time first_tick,
    Time until,
    const std::function<Time::duration()>& lateness = [] { return Time::duration{}; }) {
  std::ranges::stable_sort(packets, {}, &Flying::arrives);
  Run run;
  std::size_t next = 0;
  for (Time nominal = first_tick; nominal <= until; nominal += frame_length) {
    const Time now = nominal + lateness();
    for (; next < packets.size() && packets[next].arrives <= now; ++next) {
      const Flying& packet = packets[next];
      const auto drop = ear.push({.format = packet.format,
                                  .ssrc = packet.ssrc,
                                  .sequence = {packet.sequence},
                                  .timestamp = {packet.timestamp},
                                  .marker = packet.marker,
                                  .payload = packet.payload,
                                  .arrived = packet.arrives});
      if (drop) run.drops.count(*drop);
    }
    Heard& heard = run.ticks.emplace_back();
    heard.at = now;
    heard.audible = ear.hear(now, heard.frame);
    heard.statistics = ear.statistics();
  }
  return run;
}

}  // namespace mediaswitch::test
