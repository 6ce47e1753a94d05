#include "rtp/digit_sender.hpp"

#include <algorithm>
#include <span>

#include "audio/frame.hpp"
#include "rtp/packet.hpp"
#include "rtp/telephone_event.hpp"

namespace mediaswitch {
namespace {

/// RFC 4733 §2.5.1.4: the packet that tells the end goes out three times.
constexpr std::uint32_t end_packets = 3;
/// Of keys that somebody else holds. A tone of 40 ms is the shortest that has to be recognised (ITU-T Q.24).
constexpr std::uint8_t usual_volume = 13;
constexpr std::uint32_t shortest_ticks = 2;
constexpr std::uint32_t shortest_pause_ticks = 2;

std::uint32_t ticks_of(Millis length) {
  return static_cast<std::uint32_t>((length + frame_length - Millis{1}) / frame_length);
}

}  // namespace

bool DigitSender::queue(const Digits& digits) {
  if (digits.keys.size() > capacity - count_) return false;
  if (!std::ranges::all_of(digits.keys, [](char key) { return event_of(key).has_value(); })) return false;
  for (const char key : digits.keys) {
    push({.event = *event_of(key),
          .volume = digits.volume,
          .ticks = std::max(ticks_of(digits.duration), 1U),
          .pause_ticks = ticks_of(digits.pause),
          .holder = std::nullopt});
  }
  return true;
}

void DigitSender::press(char key, ChannelId holder) {
  release_where([](ChannelId) { return true; });
  const auto event = event_of(key);
  if (!event || count_ == capacity) return;
  push({.event = *event,
        .volume = usual_volume,
        .ticks = shortest_ticks,
        .pause_ticks = shortest_pause_ticks,
        .holder = holder});
}

void DigitSender::release(ChannelId holder) {
  release_where([holder](ChannelId each) { return each == holder; });
}

template <class Predicate>
void DigitSender::release_where(Predicate is_released) {
  const auto release = [&](Key& key) {
    if (key.holder && is_released(*key.holder)) key.holder.reset();
  };
  release(key_);
  for (std::size_t i = 0; i < count_; ++i) release(waiting_[(first_ + i) % capacity]);
}

/// There is room.
void DigitSender::push(const Key& key) {
  waiting_[(first_ + count_) % capacity] = key;
  ++count_;
}

void DigitSender::begin(Time now, const SendingSide& to) {
  key_ = waiting_[first_];
  first_ = (first_ + 1) % capacity;
  --count_;
  state_ = State::Held;
  held_ = 0;
  clock_ = to.telephone_event ? to.telephone_event->clock : narrowband;
  told_before_ = 0;
  segment_from_ = {ticks_in(now.time_since_epoch(), clock_).value};
  is_packet_first_ = true;
}

std::optional<Drop> DigitSender::tick(Time now, SendingSide& to, Outbox& outbox) {
  if (state_ == State::Idle) {
    if (count_ == 0) return std::nullopt;
    begin(now, to);
  }
  if (state_ == State::Held && !key_.holder && held_ >= key_.ticks) {
    state_ = State::Ending;
    passed_ = 0;
  }
  switch (state_) {
    case State::Idle: return std::nullopt;
    case State::Held: {
      ++held_;
      return send(now, to, outbox);
    }
    case State::Ending: {
      const auto refused = send(now, to, outbox);
      if (++passed_ == end_packets) {
        state_ = key_.pause_ticks > 0 ? State::Pausing : State::Idle;
        passed_ = 0;
      }
      return refused;
    }
    case State::Pausing:
      if (++passed_ >= key_.pause_ticks) state_ = State::Idle;
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Drop> DigitSender::send(Time now, SendingSide& to, Outbox& outbox) {
  const std::uint32_t held = held_ * ticks_in(frame_length, clock_).value;
  TelephoneEvent event{.event = key_.event, .end = false, .volume = key_.volume};
  std::optional<Drop> refused;
  if (held - told_before_ > longest_segment) {
    // This segment is told to be full, and the rest goes on under a timestamp moved on by it.
    event.duration = longest_segment;
    refused = send_event(event, now, to, outbox);
    told_before_ += longest_segment;
    segment_from_ = segment_from_ + RtpTicks{longest_segment};
  }
  event.duration = static_cast<std::uint16_t>(held - told_before_);
  event.end = state_ == State::Ending;
  const auto last_refused = send_event(event, now, to, outbox);
  return refused ? refused : last_refused;
}

std::optional<Drop> DigitSender::send_event(const TelephoneEvent& event,
                                            Time now,
                                            SendingSide& to,
                                            Outbox& outbox) {
  if (!to.telephone_event) return to.refuse(Drop::TelephoneEventRefused);
  if (!to.destination) return to.refuse(Drop::NoDestination);
  if (!to.may_send) return to.refuse(Drop::SendOff);
  const auto stamp =
      to.stream.place({.source = {.channel = id_, .ssrc = {}, .from = {}, .origin = Origin::Digits},
                       .sequence = {++sequence_},
                       .timestamp = segment_from_,
                       .length = {0}},
                      now,
                      clock_);
  if (!stamp.ok()) return to.refuse(stamp.error());
  std::array<std::uint8_t, rtp_header_size + telephone_event_size> packet{};
  write_rtp_header({.marker = is_packet_first_,
                    .payload_type = to.telephone_event->send,
                    .sequence = stamp.value().sequence,
                    .timestamp = stamp.value().timestamp,
                    .ssrc = to.stream.ssrc()},
                   std::span(packet).first<rtp_header_size>());
  write_telephone_event(event, std::span(packet).last<telephone_event_size>());
  if (const auto refused = to.send(packet, outbox)) return refused;
  is_packet_first_ = false;
  return std::nullopt;
}

}  // namespace mediaswitch
