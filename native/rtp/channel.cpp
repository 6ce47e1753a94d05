#include "rtp/channel.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "audio/silent_frame.hpp"
#include "rtp/demux.hpp"
#include "rtp/group.hpp"
#include "rtp/quality.hpp"

namespace mediaswitch {

Channel::Channel(ChannelId id, Outbox& outbox, Random random)
    : id_(id),
      outbox_(outbox),
      rtcp_(Random(random.fork())),
      sending_{.destination = std::nullopt,
               .payload_type = {},
               .telephone_event = std::nullopt,
               .comfort_noise = std::nullopt,
               .ptime = std::nullopt,
               .stream = OutgoingStream(random),
               .sent = {}},
      digits_(id) {}

void Channel::target(const RemoteMedia& remote) {
  latch_.target(remote.address);
  agreed_direction_ = {.may_send = remote.may_send && !remote.address.is_unspecified(),
                       .may_receive = remote.may_receive};
  wanted_direction_ = {};
  has_rtcp_mux_ = remote.has_rtcp_mux;
  rtcp_port_ = remote.rtcp_port;

  agreed_.fill({});
  std::vector<AudioFormat> audio;
  for (const auto& [payload_type, format, receive] : remote.formats) {
    agreed_[receive.value_or(payload_type).value] = {.meaning = Meaning::Audio, .format = format};
    audio.push_back(format);
  }
  // A relay is made for one event clock; arranging the group makes it anew.
  if (remote.telephone_event && remote.telephone_event->clock != event_clock_) relay_.reset();
  if (remote.telephone_event) {
    agreed_[remote.telephone_event->receive.value].meaning = Meaning::TelephoneEvent;
    event_clock_ = remote.telephone_event->clock;
  }
  if (remote.comfort_noise) agreed_[remote.comfort_noise->value].meaning = Meaning::ComfortNoise;

  const RemoteMedia::Format& first = remote.formats.front();
  // What was made for another agreement is made anew when the group is arranged.
  if (audio != formats_) ear_.reset();
  if (first.format != sending_.format || remote.ptime != sending_.ptime) {
    speaker_.reset();
    ++sending_.agreement;
  }
  formats_ = std::move(audio);
  clock_ = traits(first.format).clocks.rtp;
  sending_.destination = latch_.destination();
  sending_.payload_type = first.payload_type;
  sending_.format = first.format;
  sending_.telephone_event = remote.telephone_event;
  sending_.comfort_noise = remote.comfort_noise;
  sending_.ptime = remote.ptime;
  direct({});
}

/// RFC 3264 §8.4: a connection address of 0.0.0.0, too, means that nothing is to be sent.
void Channel::direct(const Direction& direction) {
  wanted_direction_ = direction;
  sending_.may_send = agreed_direction_.may_send && direction.may_send;
  const bool takes_media = agreed_direction_.may_receive && direction.may_receive;
  idle_.targeted(takes_media);
  heard_times_.expect({.is_media_due = takes_media});
}

/// Who heard a key go down hears it go up.
void Channel::whisper(std::optional<ChannelId> to) {
  if (to != audible_to_ && is_key_held() && group_ != nullptr) group_->pass_key_release(*this);
  audible_to_ = to;
}

// --- the packet's path

void Channel::receive(const Datagram& datagram) {
  ++datagrams_;
  if (has_rtcp_mux_ && kind_of(datagram.octets) == DatagramKind::Rtcp) {
    read_control(datagram);
    return;
  }
  Arrival arrival{.datagram = datagram, .packet = {}, .agreed = {}, .sequence = {}};
  if (const auto drop = process(arrival)) dropped_.count(*drop);
}

std::optional<Drop> Channel::process(Arrival& arrival) {
  if (const auto drop = demultiplex(arrival)) return drop;
  if (const auto drop = read_packet(arrival)) return drop;
  if (const auto drop = check_source(arrival)) return drop;
  if (const auto drop = note_reception(arrival)) return drop;
  if (const auto drop = check_agreement(arrival)) return drop;
  if (const auto drop = note_telephone_event(arrival)) return drop;
  return pass_on(arrival);
}

std::optional<Drop> Channel::demultiplex(const Arrival& arrival) {
  switch (kind_of(arrival.datagram.octets)) {
    case DatagramKind::Rtp: return std::nullopt;
    case DatagramKind::Rtcp: return Drop::RtcpOnRtpPort;
    case DatagramKind::Stun: return Drop::Stun;
    case DatagramKind::Dtls: return Drop::Dtls;
    case DatagramKind::Zrtp: return Drop::Zrtp;
    case DatagramKind::TurnChannel: return Drop::TurnChannel;
    case DatagramKind::Unknown: return Drop::NotMedia;
  }
  return Drop::NotMedia;
}

std::optional<Drop> Channel::read_packet(Arrival& arrival) const {
  const auto packet = read_rtp(arrival.datagram.octets);
  if (!packet.ok()) return packet.error();
  arrival.packet = packet.value();
  arrival.agreed = agreed_[arrival.packet.header.payload_type.value];
  return std::nullopt;
}

std::optional<Drop> Channel::check_source(const Arrival& arrival) {
  const auto& [header, payload] = arrival.packet;
  const auto drop = latch_.check({.from = arrival.datagram.from,
                                  .ssrc = header.ssrc,
                                  .sequence = header.sequence,
                                  .is_agreed_payload_type = arrival.agreed.meaning != Meaning::None,
                                  .arrived = arrival.datagram.arrived});
  if (drop == Drop::UnknownSource && latch_.is_news(arrival.datagram.from)) {
    outbox_.source_rejected(arrival.datagram.from);
  }
  if (drop) return drop;
  sending_.destination = latch_.destination();
  idle_.heard();
  heard_times_.note(arrival.datagram.from, arrival.datagram.arrived);
  ++received_.packets;
  received_.octets += payload.size();
  return std::nullopt;
}

std::optional<Drop> Channel::note_reception(Arrival& arrival) {
  const RtpHeader& header = arrival.packet.header;
  const auto place = reception_.note(header.ssrc, header.sequence);
  if (!place.ok()) return place.error();
  arrival.sequence = place.value();
  if (arrival.agreed.meaning == Meaning::Audio) {
    heard_format_ = arrival.agreed.format;
    reception_.note_transit(
        header.timestamp, arrival.datagram.arrived, traits(arrival.agreed.format).clocks.rtp);
  }
  return std::nullopt;
}

std::optional<Drop> Channel::check_agreement(const Arrival& arrival) const {
  if (!agreed_direction_.may_receive || !wanted_direction_.may_receive) return Drop::ReceiveOff;
  if (arrival.agreed.meaning == Meaning::None) return Drop::UnexpectedPayloadType;
  return std::nullopt;
}

std::optional<Drop> Channel::note_telephone_event(const Arrival& arrival) {
  if (arrival.agreed.meaning != Meaning::TelephoneEvent) {
    if (key_presses_.is_held())
      tell({.given_up = key_presses_.expire(arrival.datagram.arrived, event_clock_)});
    return std::nullopt;
  }
  const auto event = read_telephone_event(arrival.packet.payload);
  if (!event) return Drop::BadTelephoneEvent;
  const RtpHeader& header = arrival.packet.header;
  tell(key_presses_.note({.ssrc = header.ssrc,
                          .timestamp = header.timestamp,
                          .event = *event,
                          .arrived = arrival.datagram.arrived},
                         event_clock_));
  return std::nullopt;
}

void Channel::tell(const KeyNews& news) {
  const auto release = [this](const std::optional<KeyRelease>& released) {
    if (!released) return;
    outbox_.key_released(released->key, released->held);
    if (group_ != nullptr) group_->pass_key_release(*this);
  };
  release(news.given_up);
  if (news.pressed) {
    if (playback_.ends_on_key()) stop_playing(PlayEnd::TelephoneEvent);
    outbox_.key_pressed(*news.pressed, KeySource::TelephoneEvent);
    if (group_ != nullptr) group_->pass_key(*this, *news.pressed);
  }
  release(news.released);
}

/// To whom it is relayed, and to its own ear where a tick will want it. One that is relayed is no loss when
/// the ear can't use it.
std::optional<Drop> Channel::pass_on(const Arrival& arrival) {
  const std::optional<Drop> not_heard = take_in(arrival);
  if (!relay_) {
    if (not_heard) return not_heard;
    ++consumed_;
    return std::nullopt;
  }
  const auto refused = relay_->forward(
      {.source = {.channel = id_, .ssrc = arrival.packet.header.ssrc, .from = arrival.datagram.from},
       .sequence = arrival.sequence,
       .packet = arrival.packet,
       .content = arrival.agreed.meaning == Meaning::Audio          ? Content::Audio
                  : arrival.agreed.meaning == Meaning::ComfortNoise ? Content::ComfortNoise
                                                                    : Content::TelephoneEvent,
       .format = arrival.agreed.format,
       .now = arrival.datagram.arrived});
  if (refused) return refused;
  ++forwarded_;
  return std::nullopt;
}

std::optional<Drop> Channel::take_in(const Arrival& arrival) {
  const auto& [header, payload] = arrival.packet;
  switch (arrival.agreed.meaning) {
    case Meaning::None: return Drop::UnexpectedPayloadType;
    case Meaning::TelephoneEvent:
      // Where several hear each other it goes on as a key press of ours.
      return group_ != nullptr && group_->is_mixing() ? std::nullopt : std::optional(Drop::NotBridged);
    case Meaning::ComfortNoise:
      // A pause, which an ear makes by itself of what does not come.
      return ear_ ? std::nullopt : std::optional(Drop::NotBridged);
    case Meaning::Audio:
      if (!ear_) return Drop::NotBridged;
      return ear_->push({.format = arrival.agreed.format,
                         .ssrc = header.ssrc,
                         .sequence = arrival.sequence,
                         .timestamp = header.timestamp,
                         .marker = header.marker,
                         .payload = payload,
                         .arrived = arrival.datagram.arrived});
  }
  return Drop::NotBridged;
}

void Channel::receive_control(const Datagram& datagram) {
  ++datagrams_;
  if (kind_of(datagram.octets) != DatagramKind::Rtcp) {
    dropped_.count(Drop::NotRtcp);
    return;
  }
  read_control(datagram);
}

/// From the host that the media comes from: another one can't have heard us.
void Channel::read_control(const Datagram& datagram) {
  const std::optional<Address>& far_end = latch_.destination();
  if (!far_end) {
    dropped_.count(Drop::NoTarget);
  } else if (datagram.from.ip != far_end->ip) {
    dropped_.count(Drop::UnknownSource);
  } else if (const auto drop = rtcp_.receive(
                 datagram.octets, sending_.stream.ssrc(), datagram.arrived, reception_.source())) {
    dropped_.count(*drop);
  } else {
    ++consumed_;
  }
}

void Channel::receive_oversize() {
  ++datagrams_;
  dropped_.count(Drop::Oversize);
}

// --- what it is told

bool Channel::send_digits(const DigitSender::Digits& digits) {
  return sending_.destination && sending_.telephone_event && digits_.queue(digits);
}

void Channel::play(std::unique_ptr<FrameSource> source, const Playback::Rules& rules) {
  stop_playing(PlayEnd::Replaced);
  playback_.start(std::move(source), rules, received_.packets);
}

void Channel::stop_playing(PlayEnd reason) {
  if (!playback_.is_active()) return;
  playback_.stop().reset();
  sending_.is_taken = digits_.is_busy();
  outbox_.play_ended(reason);
  outbox_.needs_arranging();
}

// --- how its group uses it

void Channel::arrange(const Arrangement& arrangement) {
  const bool is_new_listener = arrangement.heard_by != arrangement_.heard_by;
  if (arrangement.heard_by == nullptr) {
    relay_.reset();
  } else {
    if (is_new_listener || !relay_) {
      Channel& listener = *arrangement.heard_by;
      relay_ = std::make_unique<Relay>(event_clock_, listener.sending_, listener.outbox_);
    }
    relay_->arrange(formats_);
  }
  if (!arrangement.hears || formats_.empty()) {
    ear_.reset();
  } else if (!ear_ || arrangement.hears != arrangement_.hears) {
    ear_ = std::make_unique<Ear>(formats_, Ear::Options{.sampling = *arrangement.hears});
  }
  if (!arrangement.speaks || formats_.empty()) {
    speaker_.reset();
  } else if (!speaker_) {
    speaker_ = std::make_unique<Speaker>(id_, sending_.format, sending_.ptime.value_or(frame_length));
  }
  if (!ear_ && !speaker_) {
    frames_.reset();
  } else if (!frames_) {
    frames_ = std::make_unique<Frames>();
  }
  arrangement_ = arrangement;
  sending_.is_taken = digits_.is_busy() || (playback_.is_active() && !playback_.is_held());
}

void Channel::read(Reading when) { outbox_.read(arrangement_.heard_by == nullptr ? when : Reading::AtOnce); }

bool Channel::wants_ticks() const {
  return has_taps() || playback_.is_active() || digits_.is_busy() || (relay_ && relay_->wants_ticks());
}

void Channel::hear(Time now) {
  heard_ = nullptr;
  if (!ear_) return;
  Frame& frame = frames_->heard;
  if (ear_->hear(now, frame)) {
    heard_ = &frame;
  } else if (ear_->was_silence()) {
    heard_ = &silent_frame(frame.sampling);
  }
}

bool Channel::say_digits(Time now) {
  if (!digits_.is_busy()) {
    if (sending_.is_taken && !playback_.is_active()) {
      sending_.is_taken = false;
      outbox_.needs_arranging();
    }
    return false;
  }
  sending_.is_taken = true;
  static_cast<void>(digits_.tick(now, sending_, outbox_));
  if (speaker_) speaker_->rest();
  return true;
}

const Frame* Channel::say(Time now, const Frame* heard) {
  const bool is_interrupted = playback_.is_active() && playback_.is_interrupted_by(heard);
  if (is_interrupted) stop_playing(PlayEnd::Interrupted);
  if (say_digits(now)) return nullptr;
  sending_.is_taken = playback_.is_active() && !playback_.is_held();
  if (!playback_.is_active() || !speaker_) {
    if (speaker_) speaker_->rest();
    return is_echoing_ ? heard : nullptr;
  }
  Frame& said = frames_->said;
  said.sampling = sampling();
  switch (playback_.next(said)) {
    case FrameSource::Yield::Audio:
      static_cast<void>(speaker_->say(said, now, sending_, outbox_));
      return &said;
    case FrameSource::Yield::Late: break;
    case FrameSource::Yield::End: stop_playing(playback_.reason()); break;
  }
  speaker_->rest();
  return nullptr;
}

void Channel::tick_relay(Time now) {
  if (relay_) relay_->tick(now);
}

MixSeat Channel::seat() {
  const bool is_audible = frames_ && heard_ == &frames_->heard;
  return {.channel = id_,
          .audible_to = audible_to_,
          .heard = is_audible ? heard_ : nullptr,
          .speaker = speaker_.get(),
          .sending = &sending_,
          .outbox = &outbox_,
          .sent = has_taps() ? said_frame() : nullptr,
          .refused = std::nullopt};
}

void Channel::listen(const Frame* heard, const Frame* said) {
  for (FrameTap* const tap : taps_) tap->take(heard, said);
}

void Channel::note_lateness(Time::duration late) {
  ++ticks_.count;
  ticks_.sum += late;
  ticks_.longest = std::max(ticks_.longest, late);
}

// --- time and figures

bool Channel::pass_time(Time now, Millis step) {
  if (key_presses_.is_held()) tell({.given_up = key_presses_.expire(now, event_clock_)});
  return idle_.advance(step);
}

void Channel::report(Time now, std::uint64_t ntp) {
  if (!sending_.destination || !rtcp_.is_due(now)) return;
  std::array<std::uint8_t, RtcpSession::longest> packet{};
  send_control(std::span(packet).first(rtcp_.write_report(standing(now, ntp), packet)));
}

void Channel::leave_session(Time now, std::uint64_t ntp) {
  if (!sending_.destination) return;
  std::array<std::uint8_t, RtcpSession::longest> packet{};
  send_control(std::span(packet).first(rtcp_.write_goodbye(standing(now, ntp), packet)));
}

RtcpSession::Standing Channel::standing(Time now, std::uint64_t ntp) {
  return {.own = sending_.stream.ssrc(),
          .sent = sending_.sent,
          .media_clock = sending_.stream.clock_at(now, traits(sending_.format).clocks.rtp),
          .reception = reception_,
          .clock = clock_,
          .now = now,
          .ntp = ntp};
}

void Channel::send_control(std::span<const std::uint8_t> packet) {
  if (packet.empty() || sending_.destination->is_unspecified()) return;
  Address control = *sending_.destination;
  if (!has_rtcp_mux_) control.port = rtcp_port_.value_or(static_cast<std::uint16_t>(control.port + 1));
  const auto refused = has_rtcp_mux_ ? outbox_.send(packet, control) : outbox_.send_control(packet, control);
  if (refused) sending_.refuse(*refused);
}

Statistics Channel::statistics() const {
  Statistics statistics{.datagrams = datagrams_,
                        .forwarded = forwarded_,
                        .consumed = consumed_,
                        .received = received_,
                        .sent = sending_.sent,
                        .of_received = quality_of_received(),
                        .of_sent = quality_of_sent(),
                        .round_trip_millis = std::nullopt,
                        .dropped = dropped_,
                        .refused = sending_.refused,
                        .ticks = ticks_,
                        .jitter_buffer = std::nullopt,
                        .heard = heard_times_.heard()};
  if (const auto& trip = rtcp_.round_trip()) {
    statistics.round_trip_millis = std::chrono::duration<double, std::milli>(*trip).count();
  }
  if (ear_) statistics.jitter_buffer = ear_->statistics();
  return statistics;
}

/// Half of the way there and back, where RTCP measured that, and what our jitter buffer adds.
std::optional<Millis> Channel::one_way_delay() const {
  const auto& trip = rtcp_.round_trip();
  if (!trip) return std::nullopt;
  const Millis buffered = ear_ ? ear_->statistics().delay : Millis{};
  return std::chrono::duration_cast<Millis>(*trip / 2) + buffered;
}

StreamQuality Channel::quality_of_received() const {
  StreamQuality quality{.lost = reception_.lost(),
                        .jitter_millis = reception_.jitter().value / (clock_.value / 1000.0)};
  const auto rated = mediaswitch::quality_of({.format = heard_format_,
                                              .expected = reception_.expected(),
                                              .lost = reception_.lost(),
                                              .burst_ratio = reception_.burst_ratio(),
                                              .one_way_delay = one_way_delay()});
  if (rated) {
    quality.r_factor = rated->r_factor;
    quality.mos = rated->mos;
  }
  return quality;
}

/// As the far end's reports tell it; nothing while there were none.
StreamQuality Channel::quality_of_sent() const {
  const auto& report = rtcp_.far_end();
  if (!report) return {};
  const std::uint64_t lost = report->lost > 0 ? static_cast<std::uint64_t>(report->lost) : 0;
  StreamQuality quality{.lost = lost, .jitter_millis = report->jitter_ticks / (clock_.value / 1000.0)};
  const auto rated = mediaswitch::quality_of({.format = sending_.format,
                                              .expected = std::max(sending_.sent.packets, lost),
                                              .lost = lost,
                                              .one_way_delay = one_way_delay()});
  if (rated) {
    quality.r_factor = rated->r_factor;
    quality.mos = rated->mos;
  }
  return quality;
}

}  // namespace mediaswitch
