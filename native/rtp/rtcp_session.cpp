#include "rtp/rtcp_session.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace mediaswitch {
namespace {

/// RFC 3550 §6.2: the least time between reports of a session of two.
constexpr std::chrono::duration<double> usual_interval{5.0};
/// §6.3.1: with reconsideration an interval is so much longer on average than what was drawn.
constexpr double compensation = 1.21828;
/// By so much the far end's clock may have gone faster than ours while it held our report.
constexpr Millis clock_error{10};

constexpr std::uint32_t middle_of(std::uint64_t ntp) { return static_cast<std::uint32_t>(ntp >> 16U); }

/// 65,536ths of a second, as in DLSR.
std::uint32_t short_ntp(Time::duration length) { return ticks_in(length, {65'536}).value; }

Time::duration length_of(std::uint32_t short_ntp) {
  return std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(short_ntp / 65'536.0));
}

}  // namespace

RtcpSession::RtcpSession(Random random) : random_(random) {
  constexpr std::string_view base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (char& each : cname_) each = base64[random_.next32() % base64.size()];
}

std::optional<Drop> RtcpSession::receive(std::span<const std::uint8_t> packet,
                                         Ssrc own,
                                         Time now,
                                         std::optional<Ssrc> heard) {
  if (!RtcpReader::is_compound(packet)) return Drop::BadRtcp;
  if (left_ != heard) left_.reset();
  RtcpReader reader(packet);
  while (const auto part = reader.next()) note_part(*part, own, now, heard);
  return std::nullopt;
}

void RtcpSession::note_part(const RtcpReader::Part& part, Ssrc own, Time now, std::optional<Ssrc> heard) {
  switch (part.kind) {
    case RtcpReader::Kind::SenderReport:
    case RtcpReader::Kind::ReceiverReport: {
      const auto sender = RtcpReader::sender_of(part);
      if (!sender || sender == own) return;
      if (sender == left_) left_.reset();
      if (const auto info = RtcpReader::sender_info_of(part)) {
        last_heard_ = SenderReport{.from = *sender, .ntp = middle_of(info->ntp), .heard = now};
      }
      for (std::size_t i = 0; i < part.count; ++i) {
        const auto block = RtcpReader::block_of(part, i);
        if (block && block->ssrc == own) note_report(*block, now);
      }
      return;
    }
    case RtcpReader::Kind::Goodbye:
      for (std::size_t i = 0; i < part.count; ++i) {
        const auto leaver = RtcpReader::leaver_of(part, i);
        if (leaver && leaver == heard && leaver != own) left_ = leaver;
      }
      return;
    case RtcpReader::Kind::Description:
    case RtcpReader::Kind::Other: return;
  }
}

void RtcpSession::note_report(const ReportBlock& block, Time now) {
  heard_ = Heard{.lost = block.cumulative_lost,
                 .fraction_lost = block.fraction_lost / 256.0,
                 .jitter_ticks = block.jitter.value};
  if (block.last_report != 0) note_round_trip(block, now);
}

void RtcpSession::note_round_trip(const ReportBlock& block, Time now) {
  const auto is_that = [&block](const Own& own) { return own.ntp == block.last_report; };
  const auto sent = std::ranges::find_if(own_, is_that);
  if (sent == own_.end()) return;
  const Time::duration trip = now - sent->sent - length_of(block.since_last_report);
  if (trip < -clock_error) return;
  round_trip_ = std::max(trip, Time::duration{});
}

bool RtcpSession::is_due(Time now) {
  if (!begin_) {
    begin_ = now;
    due_ = now + interval();
  }
  if (now < due_) return false;
  due_ = *begin_ + interval();
  return now >= due_;
}

Time::duration RtcpSession::interval() {
  const double spread = 0.5 + random_.next32() / 4294967296.0;
  const double share = has_reported_ ? 1.0 : 0.5;
  return std::chrono::duration_cast<Time::duration>(usual_interval * share * spread / compensation);
}

std::size_t RtcpSession::write_report(const Standing& standing, std::span<std::uint8_t, longest> out) {
  has_reported_ = true;
  begin_ = standing.now;
  due_ = standing.now + interval();
  return write(standing, out).size();
}

std::size_t RtcpSession::write_goodbye(const Standing& standing, std::span<std::uint8_t, longest> out) {
  if (!has_reported_ && standing.sent.packets == 0) return 0;
  RtcpWriter writer = write(standing, out);
  writer.goodbye(standing.own);
  return writer.size();
}

RtcpWriter RtcpSession::write(const Standing& standing, std::span<std::uint8_t, longest> out) {
  RtcpWriter writer(out);
  const std::optional<SenderInfo> sent = tell_sent(standing);
  writer.report(standing.own, sent, tell_received(standing));
  writer.description(standing.own, {cname_.data(), cname_.size()});
  return writer;
}

std::optional<SenderInfo> RtcpSession::tell_sent(const Standing& standing) {
  const bool is_sender = standing.media_clock && standing.sent.packets != sent_until_[1];
  sent_until_ = {standing.sent.packets, sent_until_[0]};
  if (!is_sender) return std::nullopt;
  own_[next_own_] = {.ntp = middle_of(standing.ntp), .sent = standing.now};
  next_own_ = (next_own_ + 1) % own_.size();
  return SenderInfo{.ntp = standing.ntp,
                    .timestamp = *standing.media_clock,
                    .packets = static_cast<std::uint32_t>(standing.sent.packets),
                    .octets = static_cast<std::uint32_t>(standing.sent.octets)};
}

std::optional<ReportBlock> RtcpSession::tell_received(const Standing& standing) const {
  const auto report = standing.reception.take_report();
  if (!report) return std::nullopt;
  constexpr std::int64_t most_lost = 0x7F'FFFF;
  ReportBlock block{.ssrc = report->ssrc,
                    .fraction_lost = report->fraction_lost,
                    .cumulative_lost = static_cast<std::int32_t>(
                        std::clamp(report->cumulative_lost, -most_lost - 1, most_lost)),
                    .highest_sequence = report->highest_sequence,
                    .jitter = report->jitter};
  if (last_heard_ && last_heard_->from == report->ssrc) {
    block.last_report = last_heard_->ntp;
    block.since_last_report = short_ntp(standing.now - last_heard_->heard);
  }
  return block;
}

}  // namespace mediaswitch
