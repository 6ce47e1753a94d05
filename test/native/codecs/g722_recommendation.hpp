#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// ITU-T G.722 at 64 kbit/s as clause 6.2 lists its subroutines, one sample and one operation at a time: what
/// the codec is compared with where other implementations leave the Recommendation.
namespace mediaswitch::recommendation {

inline int saturate(int value) { return std::clamp(value, -32768, 32767); }
inline int add(int a, int b) { return saturate(a + b); }
inline int multiply(int a, int b) { return saturate((a * b) >> 15); }
inline int limit(int value) { return std::clamp(value, -16384, 16383); }
template <std::size_t Size>
int at(const std::array<int, Size>& table, int index) {
  return table.at(static_cast<std::size_t>(index));
}

inline constexpr std::array<int, 12> h_even{3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11};
inline constexpr std::array<int, 12> h_odd{-11, 53, -156, 362, -805, 3876, 951, -210, 32, 12, -11, 3};
inline constexpr std::array<int, 32> ilb{2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543,
                                         2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228,
                                         3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008};
inline constexpr std::array<int, 31> q6{0,    0,    35,   72,   110,  150,  190,  233,  276, 323,  370,
                                        422,  473,  530,  587,  650,  714,  786,  858,  940, 1023, 1121,
                                        1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919};
inline constexpr std::array<int, 31> iln{0,  63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19,
                                         18, 17, 16, 15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4};
inline constexpr std::array<int, 31> ilp{0,  61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47,
                                         46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32};
inline constexpr std::array<int, 64> qm6{
    -136,  -136,  -136,  -136,  -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232,
    -9360, -8576, -7856, -7192, -6576,  -6000,  -5456,  -4944,  -4464,  -4008,  -3576,  -3168,  -2776,
    -2400, -2032, -1688, -1360, -1040,  -728,   24808,  21904,  19008,  16704,  14984,  13512,  12280,
    11192, 10232, 9360,  8576,  7856,   7192,   6576,   6000,   5456,   4944,   4464,   4008,   3576,
    3168,  2776,  2400,  2032,  1688,   1360,   1040,   728,    432,    136,    -432,   -136};
inline constexpr std::array<int, 16> qm4{
    0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0};
inline constexpr std::array<int, 16> rl42{0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0};
inline constexpr std::array<int, 8> wl{-60, -30, 58, 172, 334, 538, 1198, 3042};
inline constexpr std::array<int, 4> qm2{-7408, -1616, 7408, 1616};
inline constexpr std::array<int, 4> wh{798, -214, 798, -214};

struct Band {
  int nb = 0;
  int det = 0;
  std::array<int, 3> r{};
  std::array<int, 3> p{};
  std::array<int, 3> a{};
  std::array<int, 7> d{};
  std::array<int, 7> b{};
  int sz = 0;
  int s = 0;

  void scale(int step, int most, int shift) {
    nb = std::clamp(multiply(nb, 32512) + step, 0, most);
    const int fraction = at(ilb, (nb >> 6) & 31);
    const int exponent = shift - (nb >> 11);
    det = (exponent < 0 ? fraction << -exponent : fraction >> exponent) * 4;
  }

  void adapt(int difference) {
    const auto sign = [](int value) { return value < 0; };
    d[0] = difference;
    r[0] = add(s, difference);
    p[0] = add(sz, difference);
    const int wd1 = add(add(a[1], a[1]), add(a[1], a[1]));
    const int wd2 = (sign(p[0]) == sign(p[1]) ? saturate(-wd1) : wd1) >> 7;
    const int wd3 = sign(p[0]) == sign(p[2]) ? 128 : -128;
    a[2] = std::clamp(wd2 + wd3 + multiply(a[2], 32512), -12288, 12288);
    const int bound = 15360 - a[2];
    a[1] = std::clamp((sign(p[0]) == sign(p[1]) ? 192 : -192) + multiply(a[1], 32640), -bound, bound);
    const int step = difference == 0 ? 0 : 128;
    for (std::size_t i = 1; i <= 6; ++i) {
      b.at(i) = add(sign(d.at(i)) == sign(difference) ? step : -step, multiply(b.at(i), 32640));
    }
    std::copy_backward(d.begin(), d.end() - 1, d.end());
    std::copy_backward(r.begin(), r.end() - 1, r.end());
    std::copy_backward(p.begin(), p.end() - 1, p.end());
    sz = 0;
    for (std::size_t i = 6; i > 0; --i) sz = add(sz, multiply(b.at(i), add(d.at(i), d.at(i))));
    const int sp = add(multiply(a[1], add(r[1], r[1])), multiply(a[2], add(r[2], r[2])));
    s = add(sp, sz);
  }
};

struct Bands {
  Band low{.det = 32};
  Band high{.det = 8};

  void adapt(int il, int ih) {
    const int dl = multiply(low.det, at(qm4, il >> 2));
    low.scale(at(wl, at(rl42, il >> 2)), 18432, 8);
    low.adapt(dl);
    const int dh = multiply(high.det, at(qm2, ih));
    high.scale(at(wh, ih), 22528, 10);
    high.adapt(dh);
  }
};

class Encoder {
 public:
  std::vector<std::uint8_t> encode(std::span<const std::int16_t> pcm) {
    std::vector<std::uint8_t> octets;
    for (std::size_t i = 0; i + 1 < pcm.size(); i += 2) octets.push_back(octet_of(pcm[i], pcm[i + 1]));
    return octets;
  }

 private:
  std::uint8_t octet_of(int first, int second) {
    std::copy_backward(x_.begin(), x_.end() - 2, x_.end());
    x_[1] = first;
    x_[0] = second;
    int even = 0;
    int odd = 0;
    for (std::size_t i = 0; i < 12; ++i) {
      even += h_even.at(i) * x_.at(2 * i);
      odd += h_odd.at(i) * x_.at(2 * i + 1);
    }
    const int el = saturate(limit((even + odd) >> 14) - bands_.low.s);
    const int low_size = el < 0 ? (32767 - el) & 32767 : el;
    int mil = 1;
    while (mil < 30 && low_size >= ((at(q6, mil + 1) << 3) * bands_.low.det) >> 15) ++mil;
    const int il = el < 0 ? at(iln, mil) : at(ilp, mil);
    const int eh = saturate(limit((even - odd) >> 14) - bands_.high.s);
    const int high_size = eh < 0 ? (32767 - eh) & 32767 : eh;
    const bool outer = high_size >= (564 * bands_.high.det) >> 12;
    const int ih = eh < 0 ? (outer ? 0 : 1) : (outer ? 2 : 3);
    bands_.adapt(il, ih);
    return static_cast<std::uint8_t>(ih << 6 | il);
  }

  Bands bands_;
  std::array<int, 24> x_{};
};

class Decoder {
 public:
  std::vector<std::int16_t> decode(std::span<const std::uint8_t> octets) {
    std::vector<std::int16_t> pcm;
    for (const std::uint8_t octet : octets) {
      const int il = octet & 63;
      const int ih = octet >> 6;
      const int rl = limit(add(bands_.low.s, multiply(bands_.low.det, at(qm6, il))));
      const int rh = limit(add(bands_.high.s, multiply(bands_.high.det, at(qm2, ih))));
      bands_.adapt(il, ih);
      std::copy_backward(xd_.begin(), xd_.end() - 1, xd_.end());
      std::copy_backward(xs_.begin(), xs_.end() - 1, xs_.end());
      xd_[0] = rl - rh;
      xs_[0] = rl + rh;
      int first = 0;
      int second = 0;
      for (std::size_t i = 0; i < 12; ++i) {
        first += h_even.at(i) * xd_.at(i);
        second += h_odd.at(i) * xs_.at(i);
      }
      pcm.push_back(static_cast<std::int16_t>(saturate(first >> 11)));
      pcm.push_back(static_cast<std::int16_t>(saturate(second >> 11)));
    }
    return pcm;
  }

 private:
  Bands bands_;
  std::array<int, 12> xd_{};
  std::array<int, 12> xs_{};
};

}  // namespace mediaswitch::recommendation
