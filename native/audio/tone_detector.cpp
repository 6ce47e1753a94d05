#include "audio/tone_detector.hpp"

#include <algorithm>
#include <new>
#include <spandsp.h>

namespace mediaswitch {
namespace {

/// Samples that spandsp looks at together. It is fed so that a call never goes beyond the end of a look.
constexpr std::uint64_t look = 102;
/// What its status says while one look has seen a key and the next has not confirmed it.
constexpr char perhaps = 'x';

}  // namespace

void ToneDetector::Release::operator()(dtmf_rx_state_s* state) const { dtmf_rx_free(state); }

ToneDetector::ToneDetector() : state_(dtmf_rx_init(nullptr, nullptr, nullptr)) {
  if (!state_) throw std::bad_alloc();
}

ToneDetector::ToneDetector(ToneDetector&&) noexcept = default;
ToneDetector& ToneDetector::operator=(ToneDetector&&) noexcept = default;
ToneDetector::~ToneDetector() = default;

std::span<const ToneDetector::Change> ToneDetector::hear(std::span<const std::int16_t, narrow_frame> pcm) {
  count_ = 0;
  std::span<const std::int16_t> rest = pcm;
  while (!rest.empty()) {
    const auto looked_at = rest.first(std::min<std::size_t>(rest.size(), look - heard_ % look));
    dtmf_rx(state_.get(), looked_at.data(), static_cast<int>(looked_at.size()));
    heard_ += looked_at.size();
    rest = rest.subspan(looked_at.size());
    const auto status = static_cast<char>(dtmf_rx_status(state_.get()));
    become(status == perhaps ? char{0} : status);
  }
  return std::span(changes_).first(count_);
}

void ToneDetector::become(char key) {
  if (key == pressed_) return;
  // Both looks that agreed are of the new kind.
  const std::uint64_t since = heard_ - 2 * look;
  if (pressed_ != 0) changes_[count_++] = {.kind = Change::Kind::Released, .key = pressed_, .at = since};
  if (key != 0) changes_[count_++] = {.kind = Change::Kind::Pressed, .key = key, .at = since};
  pressed_ = key;
}

}  // namespace mediaswitch
