#include "io/reader_feed.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mediaswitch {
namespace {

bool is_linear(AudioFormat format) {
  return format == AudioFormat::L16Narrow || format == AudioFormat::L16Wide;
}

}  // namespace

ReaderFeed::~ReaderFeed() {
  line_->has_ended.store(true, std::memory_order_release);
  line_->ended.sound(ReaderEnded{.reader = line_->spec.id});
}

void ReaderFeed::take(const Frame* in, const Frame* out) {
  const ReadDirection direction = line_->spec.direction;
  const Frame* const left = direction == ReadDirection::Out ? nullptr : in;
  const Frame* const right = direction == ReadDirection::In ? nullptr : out;
  if (!line_->ring.push(left, right, 0)) line_->dropped.fetch_add(1, std::memory_order_relaxed);
  // Every time, not only when the ring was empty: the reader may have begun to wait between two ticks.
  line_->readable.sound(Readable{.reader = line_->spec.id});
}

ReaderDrain::ReaderDrain(std::shared_ptr<ReaderLine> line) : line_(std::move(line)) {
  if (!is_linear(line_->spec.format)) encoder_.emplace(line_->spec.format);
}

std::size_t ReaderDrain::read(std::span<std::uint8_t> to) {
  const std::size_t chunk = chunk_octets();
  std::size_t written = 0;
  while (to.size() - written >= chunk && gather()) {
    encode(to.subspan(written, chunk));
    written += chunk;
  }
  if (written == 0) line_->readable.arm();
  return written;
}

std::size_t ReaderDrain::chunk_octets() const {
  if (!encoder_) return tick_samples() * channels() * sizeof(std::int16_t);
  const CodedUnit unit = traits(line_->spec.format).unit;
  return chunk_ticks() * tick_samples() / unit.samples.value * unit.octets;
}

std::size_t ReaderDrain::waiting() const {
  const bool has_ended = line_->has_ended.load(std::memory_order_acquire);
  const std::size_t ticks = ticks_gathered_ + line_->ring.size();
  const std::size_t begun = has_ended && ticks % chunk_ticks() != 0 ? 1 : 0;
  return (ticks / chunk_ticks() + begun) * chunk_octets();
}

bool ReaderDrain::has_ended() const {
  return line_->has_ended.load(std::memory_order_acquire) && waiting() == 0;
}

std::size_t ReaderDrain::tick_samples() const {
  return samples_in(frame_length, traits(line_->spec.format).clocks.sampling).value;
}

std::size_t ReaderDrain::chunk_ticks() const { return line_->spec.format == AudioFormat::Ilbc30 ? 3 : 1; }

std::size_t ReaderDrain::channels() const { return line_->spec.direction == ReadDirection::Both ? 2 : 1; }

/// True: `pcm_` holds a whole chunk. The last one is filled up with silence.
bool ReaderDrain::gather() {
  const bool has_ended = line_->has_ended.load(std::memory_order_acquire);
  const std::size_t samples = tick_samples();
  std::array<std::int16_t, wide_frame> side{};
  const std::span pcm = std::span(side).first(samples);
  HeardTick tick;
  while (ticks_gathered_ < chunk_ticks() && line_->ring.pop(tick)) {
    const std::span to = std::span(pcm_).subspan(ticks_gathered_ * samples * channels());
    std::size_t channel = 0;
    const auto interleave = [&] {
      for (std::size_t i = 0; i < samples; ++i) to[i * channels() + channel] = pcm[i];
      ++channel;
    };
    if (line_->spec.direction != ReadDirection::Out) {
      convert(in_, tick.has_in ? &tick.in : nullptr, pcm);
      interleave();
    }
    if (line_->spec.direction != ReadDirection::In) {
      convert(out_, tick.has_out ? &tick.out : nullptr, pcm);
      interleave();
    }
    ++ticks_gathered_;
  }
  if (ticks_gathered_ == 0 || (ticks_gathered_ < chunk_ticks() && !has_ended)) return false;
  std::ranges::fill(std::span(pcm_).subspan(ticks_gathered_ * samples * channels()), std::int16_t{0});
  ticks_gathered_ = 0;
  return true;
}

void ReaderDrain::convert(Side& side, const Frame* frame, std::span<std::int16_t> to) const {
  constexpr Frame silence;
  if (frame != nullptr) side.sampling = frame->sampling;
  const std::span<const std::int16_t> from = frame != nullptr
                                                 ? frame->pcm()
                                                 : std::span<const std::int16_t>(silence.samples)
                                                       .first(samples_in(frame_length, side.sampling).value);
  side.match.process(from, side.sampling, to, traits(line_->spec.format).clocks.sampling);
}

void ReaderDrain::encode(std::span<std::uint8_t> chunk) {
  if (encoder_) {
    encoder_->encode(std::span(pcm_).first(chunk_ticks() * tick_samples()), chunk);
  } else {
    std::memcpy(chunk.data(), pcm_.data(), chunk.size());
  }
}

OpenedReader open_reader(const ReaderSpec& spec, Events& events, Waker& waker) {
  auto line = std::make_shared<ReaderLine>(spec, events, waker);
  return {.feed = std::make_unique<ReaderFeed>(line), .drain = std::make_unique<ReaderDrain>(line)};
}

}  // namespace mediaswitch
