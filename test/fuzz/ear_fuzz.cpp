// Arbitrary packets to an ear, at arbitrary times, and ticks between them: nothing is held back longer than
// agreed, and an ear that gets nothing more is silent after a while.
//
// The first octet tells which formats, sampling rate and longest delay. A step is a tick, or a packet: what
// is unlike its forerunner's, then how far; and its octets are what comes next.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/codec.hpp"
#include "require.hpp"
#include "rtp/ear.hpp"

using namespace mediaswitch;
using namespace std::chrono_literals;
using mediaswitch::test::require;

namespace {

class Octets {
 public:
  explicit Octets(std::span<const std::uint8_t> octets) : octets_(octets) {}
  [[nodiscard]] bool is_empty() const { return octets_.empty(); }
  std::uint8_t next() {
    if (octets_.empty()) return 0;
    const std::uint8_t first = octets_.front();
    octets_ = octets_.subspan(1);
    return first;
  }
  /// No more than there are.
  std::span<const std::uint8_t> peek(std::size_t count) const {
    return octets_.first(std::min(count, octets_.size()));
  }

 private:
  std::span<const std::uint8_t> octets_;
};

class Session {
 public:
  explicit Session(std::uint8_t variant)
      : longest_(variant / 8U * 8U),
        ear_(std::span(agreed).first(variant % 7U + 1),
             {.sampling = variant % 2 == 0 ? narrowband : wideband, .longest_delay = Millis(longest_)}) {}

  void step(Octets& octets) {
    const std::uint8_t what = octets.next();
    if (what < 96) {
      now_ += std::chrono::microseconds(what < 64 ? 20000 : what * 500);
      hear();
    } else {
      push(what, octets);
    }
  }

  void end() {
    bool was_heard = true;
    for (int i = 0; i < 100; ++i) {
      now_ += frame_length;
      was_heard = hear();
    }
    require(!was_heard);
  }

 private:
  static constexpr std::array agreed{AudioFormat::Pcmu,
                                     AudioFormat::G722,
                                     AudioFormat::Ilbc30,
                                     AudioFormat::L16Wide,
                                     AudioFormat::Pcma,
                                     AudioFormat::L16Narrow,
                                     AudioFormat::Ilbc20};

  bool hear() {
    const bool is_heard = ear_.hear(now_, frame_);
    require(frame_.sampling == narrowband || frame_.sampling == wideband);
    require(ear_.statistics().delay <= std::max(Millis(longest_), 2 * frame_length));
    return is_heard;
  }

  void push(std::uint8_t what, Octets& octets) {
    sequence_ += (what & 1U) != 0 ? static_cast<std::int8_t>(octets.next()) : 1;
    if ((what & 2U) != 0) {
      timestamp_ += static_cast<std::uint32_t>(static_cast<std::int8_t>(octets.next()))
                    << (octets.next() % 25U);
    }
    if ((what & 4U) != 0) format_ = octets.next() % agreed.size();
    if ((what & 8U) != 0) units_ = octets.next();
    if ((what & 16U) != 0) ssrc_ ^= 1U;
    now_ += std::chrono::microseconds((what & 32U) != 0 ? octets.next() * 1000 : 0);

    const AudioFormat format = agreed[format_];
    const CodedUnit& unit = traits(format).unit;
    std::vector<std::uint8_t> payload(unit.octets * (unit.samples.value == 1 ? units_ * 8 : units_ % 8U));
    std::ranges::copy(octets.peek(payload.size()), payload.begin());
    const auto drop = ear_.push({.format = format,
                                 .ssrc = {ssrc_},
                                 .sequence = {sequence_},
                                 .timestamp = {timestamp_},
                                 .marker = what % 7 == 0,
                                 .payload = payload,
                                 .arrived = now_});
    if (drop) {
      require(*drop == Drop::LateForPlayout || *drop == Drop::DuplicatePacket ||
              *drop == Drop::JitterBufferFull || *drop == Drop::BadPayload);
    }
    timestamp_ += ticks_in_payload(format, payload.size()).value;
  }

  std::size_t longest_;
  Ear ear_;
  Frame frame_;
  Time now_{1h};
  std::int64_t sequence_ = 0;
  std::uint32_t timestamp_ = 0xFFFFFE00U;
  std::uint32_t ssrc_ = 1;
  std::size_t format_ = 0;
  std::size_t units_ = 20;
};

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Octets octets({data, size});
  Session session(octets.next());
  while (!octets.is_empty()) session.step(octets);
  session.end();
  return 0;
}
