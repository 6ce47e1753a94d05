#include "rtp/reception.hpp"

#include <algorithm>

namespace mediaswitch {
namespace {

// RFC 3550 A.1: the largest gap taken as loss, and how late a packet may be.
constexpr std::int64_t max_dropout = 3000;
constexpr std::int64_t max_misorder = 100;
constexpr std::int64_t circle = 65536;

}  // namespace

Result<ExtendedSequence, Drop> Reception::note(Ssrc ssrc, SequenceNumber sequence) {
  if (ssrc_ != ssrc) {
    ssrc_ = ssrc;
    jitter_sixteenths_ = 0;
    begin(sequence.value);
    return ExtendedSequence{highest_};
  }

  const std::int64_t forward = steps_forward(truncate({highest_}), sequence);
  if (forward < max_dropout) {
    after_jump_.reset();
    highest_ += forward;
    ++received_;
    pattern_.note({highest_});
    return ExtendedSequence{highest_};
  }
  if (forward <= circle - max_misorder) {
    if (after_jump_ != sequence) {
      after_jump_ = next(sequence);
      return Drop::SequenceJump;
    }
    begin(highest_ + forward);
    return ExtendedSequence{highest_};
  }
  ++received_;
  const ExtendedSequence late{highest_ + forward - circle};
  pattern_.note(late);
  return late;
}

void Reception::note_transit(RtpTimestamp timestamp, Time arrived, ClockRate clock) {
  const std::uint32_t transit = ticks_in(arrived.time_since_epoch(), clock).value - timestamp.value;
  if (transit_) {
    const auto difference = static_cast<std::int32_t>(transit - *transit_);
    const std::uint32_t size =
        difference < 0 ? 0U - static_cast<std::uint32_t>(difference) : static_cast<std::uint32_t>(difference);
    // A.8, the integer form: one sixteenth of the new difference, rounded.
    jitter_sixteenths_ += size - ((jitter_sixteenths_ + 8) >> 4U);
  }
  transit_ = transit;
}

std::optional<Reception::Report> Reception::take_report() {
  if (!ssrc_ || received_ == received_prior_) return std::nullopt;
  const std::int64_t expected = expected_of_this();
  const std::int64_t expected_now = expected - expected_prior_;
  const std::int64_t lost_now = expected_now - (received_ - received_prior_);
  expected_prior_ = expected;
  received_prior_ = received_;
  const bool is_any_lost = expected_now > 0 && lost_now > 0;
  return Report{.ssrc = *ssrc_,
                .fraction_lost =
                    is_any_lost ? static_cast<std::uint8_t>((lost_now << 8) / expected_now) : std::uint8_t{0},
                .cumulative_lost = expected - received_,
                .highest_sequence = static_cast<std::uint32_t>(static_cast<std::uint64_t>(highest_)),
                .jitter = jitter()};
}

std::uint64_t Reception::lost() const { return lost_before_ + lost_of_this(); }

std::uint64_t Reception::expected() const {
  return expected_before_ + static_cast<std::uint64_t>(expected_of_this());
}

void Reception::begin(std::int64_t extended) {
  lost_before_ += lost_of_this();
  expected_before_ += static_cast<std::uint64_t>(expected_of_this());
  base_ = extended;
  highest_ = extended;
  received_ = 1;
  expected_prior_ = 0;
  received_prior_ = 0;
  after_jump_.reset();
  // Its clock may have begun anew, too.
  transit_.reset();
  pattern_.begin_source();
  pattern_.note({extended});
}

std::uint64_t Reception::lost_of_this() const {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, expected_of_this() - received_));
}

}  // namespace mediaswitch
