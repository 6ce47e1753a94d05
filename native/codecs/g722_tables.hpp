#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// Numbers of ITU-T G.722, and tables made of them at compile time. `nb` is the logarithm of a quantiser's
/// scale factor, `det` the factor itself (clause 6.2.1, NBL and DETL).
namespace mediaswitch::g722 {

constexpr std::int16_t narrowed(int value) { return static_cast<std::int16_t>(value); }

/// Table 11: the filters' coefficients times 2^13, those with even numbers. Those with odd numbers are the
/// same backwards.
inline constexpr std::array<std::int16_t, 12> even_taps{
    3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11};
inline constexpr std::array<std::int16_t, 12> odd_taps{
    -11, 53, -156, 362, -805, 3876, 951, -210, 32, 12, -11, 3};

/// The band signals have 15 bits.
inline constexpr std::int16_t band_least = -16384;
inline constexpr std::int16_t band_most = 16383;

/// Lower band: where the 30 intervals of the quantiser begin, and what they are decoded to (Q6 and QM6, the
/// positive half), in units of det / 2^12 and det / 2^15.
inline constexpr std::array<std::int16_t, 30> fine_decisions{
    0,   35,  72,  110, 150,  190,  233,  276,  323,  370,  422,  473,  530,  587,  650,
    714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919};
inline constexpr std::array<std::int16_t, 30> fine_levels{
    136,  432,  728,  1040, 1360, 1688, 2032,  2400,  2776,  3168,  3576,  4008,  4464,  4944,  5456,
    6000, 6576, 7192, 7856, 8576, 9360, 10232, 11192, 12280, 13512, 14984, 16704, 19008, 21904, 24808};
/// The predictor sees only the four more significant bits of the six: eight intervals, of which those from 1
/// are four fine ones (QM4 and WL).
inline constexpr std::array<std::int16_t, 8> coarse_levels{0, 1200, 2584, 4240, 6288, 8968, 12896, 20456};
inline constexpr std::array<std::int16_t, 8> low_logs{-60, -30, 58, 172, 334, 538, 1198, 3042};
inline constexpr std::int16_t low_nb_most = 18432;

/// Higher band: the one decision in units of det / 2^12, then QM2 and WH of the inner and of the outer
/// interval.
inline constexpr std::int16_t high_decision = 564;
inline constexpr std::array<std::int16_t, 2> high_levels{1616, 7408};
inline constexpr std::array<std::int16_t, 2> high_logs{-214, 798};
inline constexpr std::int16_t high_nb_most = 22528;

/// Which fine interval a lower-band code names, from 0, and on which side of zero. Codes 0 to 3 are never
/// sent; errors on the line make them.
struct FineInterval {
  std::size_t number;
  bool negative;
};
constexpr FineInterval fine_interval(std::size_t code) {
  if (code < 4) return {0, true};
  if (code >= 62) return {63 - code, true};
  if (code >= 32) return {61 - code, false};
  return {33 - code, true};
}
constexpr std::uint8_t code_of(FineInterval interval) {
  if (!interval.negative) return static_cast<std::uint8_t>(61 - interval.number);
  return static_cast<std::uint8_t>(interval.number < 2 ? 63 - interval.number : 33 - interval.number);
}
constexpr std::size_t coarse_of(std::size_t fine) { return (fine + 2) / 4; }

/// ILB: 2048 · 2^(i/32).
inline constexpr std::array<std::int16_t, 32> inverse_log{
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
    2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008};

/// SCALEL and SCALEH: det for each nb / 64.
template <std::size_t MostNb, int Shift>
constexpr auto scale_table() {
  std::array<std::int16_t, MostNb / 64 + 1> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const int fraction = inverse_log[i % 32];
    const int down = Shift - static_cast<int>(i / 32);
    table[i] = narrowed(4 * (down < 0 ? fraction << -down : fraction >> down));
  }
  return table;
}
inline constexpr auto low_scales = scale_table<low_nb_most, 8>();
inline constexpr auto high_scales = scale_table<high_nb_most, 10>();

/// LOGSCL and LOGSCH, before nb is limited.
constexpr int next_log(int nb, int log) { return ((nb * 127) >> 7) + log; }

}  // namespace mediaswitch::g722
