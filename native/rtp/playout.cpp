#include "rtp/playout.hpp"

#include <algorithm>
#include <chrono>

#include "audio/time_scale.hpp"
#include "codecs/codec.hpp"
#include "codecs/digital_silence.hpp"
#include "rtp/piece_shape.hpp"

namespace mediaswitch {
namespace {

using namespace std::chrono_literals;

constexpr MediaSpan frame_span{frame_length};
/// A tick comes up to a frame after a packet, and another frame is the least to work with.
constexpr MediaSpan least_longest_delay = 2 * frame_span;
/// By how much a tick may be late before the longest delay is enforced at the cost of what is heard.
constexpr MediaSpan late_tick{10ms};

/// Ticks between two splices, and when much is to be taken out.
constexpr unsigned rest_between_splices = 4;
constexpr unsigned hurried_rest = 1;
constexpr MediaSpan much{40ms};

/// The shortest packets that are common.
constexpr Millis short_packet{10};

/// A frame less a sample and a piece; to shorten it, what a splice takes more.
std::size_t queue_capacity(ClockRate sampling) {
  return samples_within(frame_span + longest_splice + longest_piece + longest_splice, sampling);
}

/// Room for short packets over the longest delay and until the next tick, and for one of the longest.
JitterBuffer::Size buffer_size(std::span<const AudioFormat> agreed, MediaSpan longest_delay) {
  const auto short_packets = (longest_delay + frame_span) / MediaSpan{short_packet};
  std::size_t octets = 0;
  for (const AudioFormat format : agreed) octets = std::max(octets, piece_shape(format).octets);
  return {.slots = static_cast<std::size_t>(short_packets + longest_packet / frame_length),
          .octets_per_slot = octets};
}

MediaSpan at_least_usable(MediaSpan longest_delay) { return std::max(longest_delay, least_longest_delay); }

}  // namespace

Playout::Playout(std::span<const AudioFormat> agreed, const Options& options)
    : sampling_(options.sampling),
      frame_samples_(samples_within(frame_span, options.sampling)),
      longest_delay_(at_least_usable(options.longest_delay)),
      buffer_(buffer_size(agreed, longest_delay_)),
      delay_(longest_delay_ - frame_span - late_tick),
      voice_(agreed, options.sampling),
      queue_(queue_capacity(options.sampling)) {}

void Playout::start_anew(const Packet& packet) {
  buffer_.clear();
  queue_.clear();
  delay_.forget();
  balance_.clear();
  // What was said before it and comes after it is still welcome.
  played_until_ = packet.begin - longest_delay_;
  played_sequence_ = {packet.sequence.value - 1};
  vacant_ = MediaSpan::zero();
}

bool Playout::is_ahead(const Packet& packet) const {
  return !delay_.knows_nothing() && delay_.lateness(packet.begin, packet.arrived) < -longest_delay_;
}

bool Playout::note(const Packet& packet) {
  delay_.note(packet.begin, packet.length, packet.arrived);
  const MediaSpan end = packet.begin + packet.length;
  if (end <= played_until_) return false;
  if (buffer_.is_empty() && vacant_ > MediaSpan::zero()) {
    // Of what was filled in meanwhile so much stays an addition to the delay as jitter asks for.
    const MediaSpan next_tick = std::max(last_tick_ + frame_span, packet.arrived);
    const MediaSpan wanted = delay_.latest_front(next_tick, least_slack);
    played_until_ = std::clamp(wanted, played_until_, played_until_ + vacant_);
    vacant_ = MediaSpan::zero();
  }
  return end > played_until_;
}

bool Playout::store(const Packet& packet) {
  const PieceShape& shape = piece_shape(packet.format);
  const auto pieces = static_cast<std::size_t>((packet.length + shape.length - MediaSpan{1}) / shape.length);
  while (buffer_.free_slots() < pieces && !buffer_.is_empty() &&
         delay_.held_back(packet.arrived, buffer_.first()->end) > longest_delay_ + frame_span) {
    // Nobody asks for frames, and nobody will for this one.
    pop();
  }
  if (buffer_.free_slots() < pieces) return false;

  Piece piece{.format = packet.format,
              .sequence = packet.sequence,
              .begin = packet.begin,
              .begins_talk = packet.begins_talk};
  for (auto rest = packet.payload; !rest.empty(); rest = rest.subspan(piece.octets.size())) {
    piece.octets = rest.first(std::min(shape.octets, rest.size()));
    piece.end = std::min(piece.begin + shape.length, packet.begin + packet.length);
    piece.is_silence = is_digital_silence(packet.format, piece.octets);
    if (piece.end > played_until_) buffer_.insert(piece);
    piece.begin = piece.end;
    piece.begins_talk = false;
  }
  return true;
}

bool Playout::hear(MediaSpan now, Frame& out) {
  out.sampling = sampling_;
  last_tick_ = now;
  is_concealed_ = false;
  was_silence_ = false;
  keep_below_longest(now);
  if (is_playing()) {
    balance_.weigh(delay_, now, front());
  } else {
    balance_.clear();
  }
  fill(now);
  if (queue_.size() < frame_samples_) {
    fill_up();
  } else {
    adjust();
    statistics_.delay = std::chrono::duration_cast<Millis>(delay_.held_back(now, front()));
  }
  if (is_concealed_) ++statistics_.frames_concealed;
  if (queue_.is_empty()) return false;
  const bool is_audible = queue_.take(out.pcm());
  was_silence_ = !is_audible;
  return is_audible;
}

void Playout::keep_below_longest(MediaSpan now) {
  if (buffer_.is_empty() && queue_.is_empty()) return;
  if (delay_.held_back(now, front()) > longest_delay_) skip_to(delay_.latest_front(now, spare_slack));
}

void Playout::skip_to(MediaSpan target) {
  const MediaSpan skipped = target - front();
  if (skipped <= MediaSpan::zero()) return;
  statistics_.samples_removed += samples_within(skipped, sampling_);
  if (target < played_until_) {
    queue_.erase(0, std::min(samples_within(skipped, sampling_), queue_.size()));
    return;
  }
  queue_.clear();
  while (!buffer_.is_empty() && buffer_.first()->end <= target) pop();
  played_until_ = target;
}

void Playout::fill(MediaSpan now) {
  while (queue_.size() < frame_samples_) {
    const Piece* const piece = buffer_.first();
    if (piece == nullptr) return;
    if (piece->end <= played_until_) {
      pop();
    } else if (piece->begin > played_until_) {
      if (!bridge_gap(*piece, now)) return;
    } else if (piece->is_silence && !voice_.can_conceal() && !queue_.is_audible()) {
      if (!play_silence(*piece)) return;
    } else {
      play(*piece);
    }
  }
}

/// In silence the delay changes for nothing. False: the piece has to wait.
bool Playout::play_silence(const Piece& piece) {
  if (balance_.is_too_short() && queue_.is_empty()) {
    statistics_.samples_inserted += frame_samples_;
    balance_.give();
    was_silence_ = true;
    return false;
  }
  const MediaSpan length = piece.end - played_until_;
  if (balance_.is_too_long() && balance_.spare() >= length) {
    statistics_.samples_removed += samples_within(length, sampling_);
    balance_.take(length);
    played_until_ = piece.end;
    pop();
  } else {
    play(piece);
  }
  return true;
}

/// Between what was played last and the next piece there is nothing. False: the piece has to wait.
bool Playout::bridge_gap(const Piece& piece, MediaSpan now) {
  if (is_missing_before(piece)) {
    // It may still come, and jitter says that waiting is worth it.
    if (front() > delay_.latest_front(now, least_slack)) return false;
    const std::size_t missing = samples_within(piece.begin - played_until_, sampling_);
    const std::size_t filled = std::min(missing, frame_samples_ - queue_.size());
    is_concealed_ |= voice_.conceal(filled, queue_);
    played_until_ = filled == missing ? piece.begin : played_until_ + span_of_samples(filled, sampling_);
    return true;
  }
  // The sender was silent: what it says now may begin as soon as it can go on.
  if (piece.begin - queued() > delay_.latest_front(now, starting_slack)) return false;
  played_until_ = piece.begin;
  balance_.clear();
  return true;
}

void Playout::play(const Piece& piece) {
  const std::size_t before = queue_.size();
  if (piece.is_silence) {
    voice_.decode_silence(piece.format, piece.octets, queue_);
  } else if (!voice_.decode(piece.format, piece.octets, queue_)) {
    is_concealed_ = true;
  }
  // Its beginning, when that came too late.
  const std::size_t over = samples_within(played_until_ - piece.begin, sampling_);
  if (over > 0) queue_.erase(before, std::min(over, queue_.size() - before));
  played_until_ = piece.end;
  pop();
}

void Playout::pop() {
  played_sequence_ = std::max(played_sequence_, buffer_.first()->sequence);
  buffer_.pop();
}

/// A frame that packets did not fill.
void Playout::fill_up() {
  const std::size_t missing = frame_samples_ - queue_.size();
  const Piece* const next = buffer_.first();
  if (next == nullptr) {
    vacant_ += span_of_samples(missing, sampling_);
  } else if (!is_missing_before(*next) && !voice_.is_concealing()) {
    // The sender stopped speaking, and said so by going on later.
    voice_.fall_silent();
  }
  if (voice_.can_conceal()) {
    is_concealed_ |= voice_.conceal(missing, queue_);
  } else if (!queue_.is_empty()) {
    queue_.append_silence(missing);
  }
}

/// Speech at hand is made a little longer or shorter where the delay has to follow jitter or the sender's
/// clock.
void Playout::adjust() {
  if (resting_ > 0) {
    --resting_;
    return;
  }
  if (!queue_.is_audible() || is_concealed_) return;
  if (balance_.is_too_short()) {
    if (make_longer() > 0) resting_ = rest_between_splices;
  } else if (balance_.is_too_long()) {
    if (make_shorter() > 0) resting_ = balance_.spare() > much ? hurried_rest : rest_between_splices;
  }
}

std::size_t Playout::make_longer() {
  const std::size_t inserted =
      lengthen(queue_.contents_and_room(), queue_.size(), sampling_, balance_.seam());
  queue_.append(inserted);
  statistics_.samples_inserted += inserted;
  return inserted;
}

std::size_t Playout::make_shorter() {
  const std::size_t wanted = frame_samples_ + samples_within(longest_splice, sampling_);
  for (const Piece* next = buffer_.first(); queue_.size() < wanted && next != nullptr && continues(*next);
       next = buffer_.first()) {
    play(*next);
  }
  const std::size_t most =
      std::min(samples_within(balance_.spare(), sampling_), queue_.size() - frame_samples_);
  const std::size_t removed = shorten(queue_.contents(), most, sampling_, balance_.seam());
  queue_.drop_last(removed);
  statistics_.samples_removed += removed;
  return removed;
}

/// The media the next frame begins with.
MediaSpan Playout::front() const {
  const Piece* const first = buffer_.first();
  if (queue_.is_empty() && first != nullptr && !is_missing_before(*first)) {
    return std::max(played_until_, first->begin);
  }
  return played_until_ - queued();
}

bool Playout::is_playing() const {
  if (!queue_.is_empty()) return true;
  const Piece* const first = buffer_.first();
  return first != nullptr && (first->begin <= played_until_ || is_missing_before(*first));
}

bool Playout::continues(const Piece& piece) const {
  return piece.begin <= played_until_ && piece.end > played_until_;
}

/// Whether what the sender said before it was lost and can be concealed; else it was silent, or may as well
/// have been.
bool Playout::is_missing_before(const Piece& piece) const {
  return !piece.begins_talk && piece.begin > played_until_ &&
         piece.sequence.value > played_sequence_.value + 1 && voice_.can_conceal();
}

}  // namespace mediaswitch
