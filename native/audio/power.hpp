#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace mediaswitch {

/// How loud the far end is: the effective value of each 20 ms without its direct current, averaged over the
/// last so many. What was before the first counts as silence. Allocates nothing.
class PowerMeter {
 public:
  /// Packets at the start of a stream that count as silence: what a line does before somebody speaks is not
  /// speech.
  static constexpr std::uint32_t warm_up = 100;
  static constexpr std::size_t longest_average = 250;

  /// `average_packets`: 1 to `longest_average`; what is beyond is taken as that. `heard_before`: packets of
  /// the stream that came before the first one told to `hear`.
  explicit PowerMeter(std::uint32_t average_packets, std::uint32_t heard_before = 0);

  /// 20 ms that came.
  void hear(std::span<const std::int16_t> pcm);
  /// 20 ms in which nothing came: silence, and no packet of the warm-up.
  void miss() { push(0); }

  /// 0 to 32,767.
  [[nodiscard]] double average() const;

 private:
  void push(std::uint16_t power);

  std::size_t average_packets_;
  std::uint32_t heard_;
  /// The DC blocker's last sample in and out.
  float last_in_ = 0;
  float last_out_ = 0;
  std::array<std::uint16_t, longest_average> powers_{};
  std::size_t next_ = 0;
  std::uint32_t sum_ = 0;
};

}  // namespace mediaswitch
