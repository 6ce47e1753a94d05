/// Makes the audio of payload/: what the generator sends, coded beforehand by spandsp and libilbc. To be run
/// again only when another audio is wanted:
///
///   g++ -std=c++20 -O2 make_payloads.cpp -lspandsp -lilbc -o make_payloads && ./make_payloads payload
///
/// `speech`, 2 s: voiced syllables (a pulse train through three resonances that move), hissed consonants and
/// pauses, at about -20 dBov, so that decoders and predictors have something to follow. `turns`, 4 s: a
/// murmur of noise with one loud burst of 20 ms at its start, by which delays through a mixer are measured.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <ilbc.h>
#include <numbers>
#include <random>
#include <span>
#include <spandsp.h>
#include <string>
#include <vector>

namespace {

using Audio = std::vector<std::int16_t>;

constexpr int wide_rate = 16000;
constexpr std::size_t narrow_frame = 160;
constexpr std::size_t ilbc_frame = 38;

/// A two-pole resonance.
class Resonance {
 public:
  void tune(double hertz, double width) {
    const double radius = std::exp(-std::numbers::pi * width / wide_rate);
    a1_ = 2 * radius * std::cos(2 * std::numbers::pi * hertz / wide_rate);
    a2_ = -radius * radius;
    gain_ = 1 - radius;
  }
  double next(double input) {
    const double output = gain_ * input + a1_ * y1_ + a2_ * y2_;
    y2_ = y1_;
    y1_ = output;
    return output;
  }

 private:
  double a1_ = 0, a2_ = 0, gain_ = 1, y1_ = 0, y2_ = 0;
};

struct Vowel {
  std::array<double, 3> hertz;
};
constexpr std::array vowels{Vowel{{730, 1090, 2440}},
                            Vowel{{270, 2290, 3010}},
                            Vowel{{300, 870, 2240}},
                            Vowel{{530, 1840, 2480}},
                            Vowel{{570, 840, 2410}}};

void scale_to(std::vector<double>& samples, double rms) {
  double sum = 0;
  for (const double sample : samples) sum += sample * sample;
  const double factor = rms / std::sqrt(sum / static_cast<double>(samples.size()));
  for (double& sample : samples) sample *= factor;
}

Audio rounded(const std::vector<double>& samples) {
  Audio audio;
  for (const double sample : samples) {
    audio.push_back(static_cast<std::int16_t>(std::lround(std::clamp(sample, -32000.0, 32000.0))));
  }
  return audio;
}

Audio speech() {
  std::mt19937 random(1);
  std::normal_distribution<double> noise;
  std::array<Resonance, 3> tract;
  std::vector<double> samples;
  double phase = 0;
  constexpr int syllable = wide_rate / 5;
  for (int n = 0; n < 2 * wide_rate; ++n) {
    const int place = n % syllable;
    const Vowel& vowel = vowels[static_cast<std::size_t>(n / syllable) % vowels.size()];
    for (std::size_t i = 0; i < tract.size(); ++i) {
      tract[i].tune(vowel.hertz[i], 60 + 40 * static_cast<double>(i));
    }
    const double pitch = 110 + 30 * std::sin(2 * std::numbers::pi * n / wide_rate);
    phase += pitch / wide_rate;
    const bool is_pulse = phase >= 1;
    if (is_pulse) phase -= 1;
    const bool is_hiss = place < syllable / 5;
    const bool is_pause = n / syllable % 5 == 4 && place > syllable / 2;
    const double envelope = is_pause ? 0.002 : std::sin(std::numbers::pi * place / syllable) + 0.02;
    const double excitation = is_hiss ? 0.15 * noise(random) : (is_pulse ? 8.0 : 0.0) + 0.02 * noise(random);
    double sum = is_hiss ? excitation * 0.05 : 0;
    for (Resonance& resonance : tract) sum += resonance.next(excitation * envelope);
    samples.push_back(sum);
  }
  scale_to(samples, 3300);
  return rounded(samples);
}

Audio turns() {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> murmur(-800, 800);
  std::vector<double> samples;
  for (int n = 0; n < 4 * wide_rate; ++n) {
    const double burst = 24000 * std::cos(2 * std::numbers::pi * 1000 * n / wide_rate);
    samples.push_back(n < wide_rate / 50 ? burst : murmur(random));
  }
  return rounded(samples);
}

/// Every second sample after a low-pass of 63 taps (windowed sinc, 3.6 kHz).
Audio narrow(const Audio& wide) {
  constexpr int taps = 63;
  std::array<double, taps> filter{};
  for (int i = 0; i < taps; ++i) {
    const double x = i - taps / 2;
    const double cut = 3600.0 / wide_rate;
    const double sinc = x == 0 ? 2 * cut : std::sin(2 * std::numbers::pi * cut * x) / (std::numbers::pi * x);
    filter[static_cast<std::size_t>(i)] = sinc * (0.54 + 0.46 * std::cos(2 * std::numbers::pi * x / taps));
  }
  std::vector<double> samples;
  const auto size = static_cast<int>(wide.size());
  for (int n = 0; n < size; n += 2) {
    double sum = 0;
    for (int i = 0; i < taps; ++i) {
      const int from = n + i - taps / 2;
      if (from >= 0 && from < size) {
        sum += filter[static_cast<std::size_t>(i)] * wide[static_cast<std::size_t>(from)];
      }
    }
    samples.push_back(sum);
  }
  return rounded(samples);
}

void write(const std::string& path, const std::vector<std::uint8_t>& octets) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
}

std::vector<std::uint8_t> g722(const Audio& wide) {
  g722_encode_state_t* encoder = g722_encode_init(nullptr, 64000, 0);
  std::vector<std::uint8_t> octets(wide.size() / 2);
  // Once round to settle, so that the loop's start follows its end.
  for (int round = 0; round < 2; ++round) {
    g722_encode(encoder, octets.data(), wide.data(), static_cast<int>(wide.size()));
  }
  g722_encode_free(encoder);
  return octets;
}

std::vector<std::uint8_t> ilbc(const Audio& audio) {
  IlbcEncoderInstance* encoder = nullptr;
  WebRtcIlbcfix_EncoderCreate(&encoder);
  WebRtcIlbcfix_EncoderInit(encoder, 20);
  std::vector<std::uint8_t> octets;
  for (std::size_t at = 0; at + narrow_frame <= audio.size(); at += narrow_frame) {
    std::array<std::uint8_t, ilbc_frame> frame{};
    WebRtcIlbcfix_Encode(encoder, &audio[at], narrow_frame, frame.data());
    octets.insert(octets.end(), frame.begin(), frame.end());
  }
  WebRtcIlbcfix_EncoderFree(encoder);
  return octets;
}

void write_all(const std::string& path, const Audio& wide) {
  const Audio audio = narrow(wide);
  std::vector<std::uint8_t> pcmu;
  std::vector<std::uint8_t> pcma;
  for (const std::int16_t sample : audio) {
    pcmu.push_back(linear_to_ulaw(sample));
    pcma.push_back(linear_to_alaw(sample));
  }
  write(path + ".pcmu", pcmu);
  write(path + ".pcma", pcma);
  write(path + ".g722", g722(wide));
  write(path + ".ilbc20", ilbc(audio));
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) return 2;
  write_all(std::string(words[1]) + "/speech", speech());
  write_all(std::string(words[1]) + "/turns", turns());
}
