#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "codecs/resampler.hpp"
#include "core/units.hpp"

namespace mediaswitch {

/// One stream of PCM from any sampling rate to any other, in pieces of any size. What comes out is as long as
/// what went in, rounded up to a sample.
///
/// Between 8 and 16 kHz it is the codecs' resampler, a few samples late. Else it is a low pass that ends at
/// the lower rate's half: flat within 0.1 dB up to 0.84 of that, 75 dB down from there on; not late at all,
/// once `finish` has given the rest.
class RateConverter {
 public:
  RateConverter(ClockRate from, ClockRate to);

  /// Appends to `out` what can be told by now.
  void convert(std::span<const std::int16_t> pcm, std::vector<std::int16_t>& out);
  /// Appends the rest. A new stream may follow.
  void finish(std::vector<std::int16_t>& out);

  [[nodiscard]] ClockRate from() const { return from_; }
  [[nodiscard]] ClockRate to() const { return to_; }

 private:
  struct Same {};
  struct Halved {
    Downsampler resampler;
    /// Zero or one sample that waits for its pair, then the piece that is worked on.
    std::vector<std::int16_t> waiting;
  };
  /// A windowed sinc, kept for as many places between two input samples as there are, or so many that the
  /// rest can be interpolated.
  struct Fir {
    /// Input samples that it reaches to either side.
    std::size_t reach = 0;
    /// Places between two samples of the input, and their coefficients, those of one place in a row.
    std::uint32_t places = 1;
    std::vector<float> taps;
    /// What it can still reach, back and ahead.
    std::vector<float> input;
    /// Of the next sample out, in `input`; the fraction counts in 1/`to`.
    std::size_t whole = 0;
    std::uint32_t fraction = 0;
  };

  static Fir make_fir(ClockRate from, ClockRate to);
  static void begin(Fir& fir);
  void run(Fir& fir, std::vector<std::int16_t>& out) const;
  [[nodiscard]] std::int16_t sample_at(const Fir& fir) const;

  ClockRate from_;
  ClockRate to_;
  std::variant<Same, Upsampler, Halved, Fir> way_;
};

}  // namespace mediaswitch
