#include "rtp/mixer.hpp"

#include <array>
#include <cstddef>
#include <utility>

#include "audio/silent_frame.hpp"
#include "audio/sum.hpp"
#include "codecs/codec.hpp"
#include "codecs/g711.hpp"
#include "codecs/registry.hpp"
#include "codecs/resampler.hpp"

namespace mediaswitch {
namespace {

template <std::size_t octets>
constexpr std::array<std::uint8_t, octets> filled_with(std::uint8_t octet) {
  std::array<std::uint8_t, octets> payload{};
  payload.fill(octet);
  return payload;
}
constexpr auto mu_silence = filled_with<narrow_frame>(g711::encode_mu(0));
constexpr auto a_silence = filled_with<narrow_frame>(g711::encode_a(0));
constexpr auto linear_silence = filled_with<2 * wide_frame>(0);

/// The payload of 20 ms of digital silence; empty where it depends on what went before.
std::span<const std::uint8_t> encoded_silence(AudioFormat format) {
  switch (format) {
    case AudioFormat::Pcmu: return mu_silence;
    case AudioFormat::Pcma: return a_silence;
    case AudioFormat::L16Narrow: return std::span(linear_silence).first<2 * narrow_frame>();
    case AudioFormat::L16Wide: return linear_silence;
    case AudioFormat::G722:
    case AudioFormat::Ilbc20:
    case AudioFormat::Ilbc30: return {};
  }
  return {};
}

/// One format's encoding of what is common, made at most once a tick.
class CommonEncoding {
 public:
  explicit CommonEncoding(AudioFormat format) : encoder_(format) {}

  void begin_tick() {
    size_ = 0;
    candidates = 0;
    takers = 0;
  }
  void encode(const Frame& frame) { size_ = encoder_.encode(frame.pcm(), payload_); }
  [[nodiscard]] const Encoder& encoder() const { return encoder_; }
  [[nodiscard]] bool is_made() const { return size_ > 0; }
  [[nodiscard]] std::span<const std::uint8_t> payload() const { return std::span(payload_).first(size_); }

  /// Members who say nothing in this tick and have this format; and those of them who take the encoding.
  std::size_t candidates = 0;
  std::size_t takers = 0;

 private:
  Encoder encoder_;
  /// Room for the most that 20 ms are: L16 at 16 kHz.
  std::array<std::uint8_t, 2 * wide_frame> payload_;
  std::size_t size_ = 0;
};

template <std::size_t... index>
std::array<CommonEncoding, sizeof...(index)> one_for_each_format(std::index_sequence<index...> /*formats*/) {
  return {CommonEncoding(formats[index].format)...};
}

}  // namespace

struct Mixer::State {
  void hear(std::span<MixSeat> seats, ClockRate at);
  /// False: nothing is said to this member, and everything is done about it.
  bool is_open(MixSeat& seat, Time now);
  void leave_common(Speaker& speaker);
  void say_own(MixSeat& seat, std::span<const MixSeat> seats, Time now);
  void add_whispers(std::span<const MixSeat> seats, ChannelId to);
  void count(Speaker& speaker);
  void make_common();
  void say_common(MixSeat& seat, Time now);

  [[nodiscard]] const Frame& silence() const { return silent_frame(sampling); }
  /// Whether what is mixed has to be brought down to the format's sampling rate.
  [[nodiscard]] bool is_narrowed(AudioFormat format) const {
    return sampling == wideband && traits(format).clocks.sampling == narrowband;
  }
  /// Whether it may take what is encoded for several, once it has heard the common mix for long enough.
  [[nodiscard]] bool is_candidate(const Speaker& speaker) const {
    return speaker.takes_encoded() && traits(speaker.format()).clocks.sampling <= sampling;
  }
  [[nodiscard]] bool is_taker(Speaker& speaker) const {
    if (!is_candidate(speaker)) return false;
    if (!is_stateless(speaker.format())) return speaker.listening().shares_encoder();
    return !is_narrowed(speaker.format()) || speaker.listening().shares_filter();
  }
  /// Says something that all hear.
  [[nodiscard]] static bool is_talker(const MixSeat& seat) {
    return seat.heard != nullptr && !seat.audible_to;
  }
  /// Does not hear what all hear who say nothing.
  [[nodiscard]] static bool hears_own(const MixSeat& seat) { return is_talker(seat) || seat.is_whispered_to; }
  CommonEncoding& encoding_of(AudioFormat format) { return encodings[static_cast<std::size_t>(format)]; }

  ClockRate sampling = narrowband;
  std::size_t talkers = 0;
  /// What all hear: of the talkers, where there are several.
  Sum sum;
  /// What all hear, with what is said to one member only.
  Sum whispered;
  Frame mixed;
  Frame own;

  /// What all hear who say nothing, and the same at 8 kHz.
  const Frame* common = &narrow_silence;
  const Frame* common_narrow = &narrow_silence;
  Frame narrowed;
  /// Remembers the common mix of the tick before; as new where that was not brought down.
  Downsampler downsampler;
  bool has_downsampled = false;
  /// Somebody who says nothing has a narrowband format in a wideband mix.
  bool wants_narrow = false;

  std::array<CommonEncoding, formats.size()> encodings =
      one_for_each_format(std::make_index_sequence<formats.size()>());
  /// The last tick.
  Time before{};
};

void Mixer::State::hear(std::span<MixSeat> seats, ClockRate at) {
  sampling = at;
  talkers = 0;
  common = &silence();
  for (MixSeat& seat : seats) seat.is_whispered_to = false;
  for (const MixSeat& seat : seats) {
    if (seat.heard == nullptr) continue;
    if (seat.audible_to) {
      for (MixSeat& each : seats) {
        if (each.channel == *seat.audible_to && &each != &seat) each.is_whispered_to = true;
      }
      continue;
    }
    ++talkers;
    if (talkers == 1) {
      common = seat.heard;
      continue;
    }
    if (talkers == 2) sum.set(common->pcm());
    sum.add(seat.heard->pcm());
  }
  if (talkers < 2) return;
  mixed.sampling = sampling;
  sum.total(mixed.pcm());
  common = &mixed;
}

bool Mixer::State::is_open(MixSeat& seat, Time now) {
  seat.refused.reset();
  if (seat.speaker != nullptr) {
    seat.speaker->listening().arrive(this, before, now);
    seat.refused = closed(*seat.sending);
    if (!seat.refused && seat.sending->is_taken) seat.refused = Drop::Preempted;
    if (!seat.refused) return true;
    seat.speaker->listening().heard_own();
    seat.speaker->rest();
  }
  if (seat.sent != nullptr) *seat.sent = silence();
  return false;
}

/// From here on it hears something else, and goes on from where the common filter and encoder are.
void Mixer::State::leave_common(Speaker& speaker) {
  if (is_narrowed(speaker.format()) && speaker.listening().shares_filter()) {
    speaker.continue_after(downsampler);
  }
  if (!is_stateless(speaker.format()) && speaker.listening().shares_encoder()) {
    speaker.continue_after(encoding_of(speaker.format()).encoder());
  }
  speaker.listening().heard_own();
}

/// Taking out and adding are exact: saturation comes last.
void Mixer::State::add_whispers(std::span<const MixSeat> seats, ChannelId to) {
  if (talkers < 2) {
    whispered.set(common->pcm());
  } else {
    whispered = sum;
  }
  for (const MixSeat& seat : seats) {
    const bool is_for_it = seat.heard != nullptr && seat.audible_to == to && seat.channel != to;
    if (is_for_it) whispered.add(seat.heard->pcm());
  }
}

void Mixer::State::say_own(MixSeat& seat, std::span<const MixSeat> seats, Time now) {
  Speaker& speaker = *seat.speaker;
  leave_common(speaker);
  if (talkers == 1 && !seat.is_whispered_to) {
    if (seat.sent != nullptr) *seat.sent = silence();
    const auto encoded = encoded_silence(speaker.format());
    seat.refused = speaker.takes_encoded() && !encoded.empty()
                       ? speaker.say_encoded(encoded, now, *seat.sending, *seat.outbox)
                       : speaker.say(silence(), now, *seat.sending, *seat.outbox);
    return;
  }
  Frame& others = seat.sent != nullptr ? *seat.sent : own;
  others.sampling = sampling;
  if (seat.is_whispered_to) add_whispers(seats, seat.channel);
  const Sum& audible = seat.is_whispered_to ? whispered : sum;
  if (is_talker(seat)) {
    audible.without(seat.heard->pcm(), others.pcm());
  } else {
    audible.total(others.pcm());
  }
  seat.refused = speaker.say(others, now, *seat.sending, *seat.outbox);
}

void Mixer::State::count(Speaker& speaker) {
  if (is_narrowed(speaker.format())) wants_narrow = true;
  if (!is_candidate(speaker)) return;
  CommonEncoding& encoding = encoding_of(speaker.format());
  ++encoding.candidates;
  if (is_taker(speaker)) ++encoding.takers;
}

void Mixer::State::make_common() {
  const bool downsamples = talkers > 0 && wants_narrow;
  if (downsamples) {
    narrowed.sampling = narrowband;
    downsampler.process(common->pcm(), narrowed.pcm());
  } else if (has_downsampled) {
    downsampler = {};
  }
  has_downsampled = downsamples;
  common_narrow = sampling == narrowband ? common : downsamples ? &narrowed : &narrow_silence;

  for (const FormatTraits& each : formats) {
    CommonEncoding& encoding = encoding_of(each.format);
    // An adaptive encoder has to hear what it is to go on from: also while those who may take it only listen.
    const bool is_wanted = is_stateless(each.format) ? talkers > 0 && encoding.takers > 0
                                                     : encoding.takers > 0 || encoding.candidates > 1;
    if (is_wanted) encoding.encode(is_narrowed(each.format) ? *common_narrow : *common);
  }
}

void Mixer::State::say_common(MixSeat& seat, Time now) {
  Speaker& speaker = *seat.speaker;
  Listening& listening = speaker.listening();
  if (seat.sent != nullptr) *seat.sent = *common;

  const CommonEncoding& encoding = encoding_of(speaker.format());
  if (is_taker(speaker)) {
    const auto payload = encoding.is_made() ? encoding.payload() : encoded_silence(speaker.format());
    seat.refused = speaker.say_encoded(payload, now, *seat.sending, *seat.outbox);
  } else {
    const bool is_brought_down = is_narrowed(speaker.format()) && listening.shares_filter();
    const Frame& frame = is_brought_down ? *common_narrow : *common;
    seat.refused = speaker.say(frame, now, *seat.sending, *seat.outbox);
  }
  if (is_candidate(speaker) && encoding.is_made()) {
    listening.heard_encoded();
  } else {
    listening.heard_common();
  }
}

Mixer::Mixer() : state_(std::make_unique<State>()) {}
Mixer::Mixer(Mixer&&) noexcept = default;
Mixer& Mixer::operator=(Mixer&&) noexcept = default;
Mixer::~Mixer() = default;

void Mixer::tick(std::span<MixSeat> seats, ClockRate sampling, Time now) {
  State& state = *state_;
  state.hear(seats, sampling);
  state.wants_narrow = false;
  for (CommonEncoding& encoding : state.encodings) encoding.begin_tick();

  // Who hears something of its own comes first: the common filter still stands where they left it.
  for (MixSeat& seat : seats) {
    if (!state.is_open(seat, now)) continue;
    if (State::hears_own(seat)) {
      state.say_own(seat, seats, now);
    } else {
      state.count(*seat.speaker);
    }
  }
  state.make_common();
  for (MixSeat& seat : seats) {
    if (seat.speaker != nullptr && !State::hears_own(seat) && !seat.refused) state.say_common(seat, now);
  }
  state.before = now;
}

}  // namespace mediaswitch
