#include "rtp/rtcp_packet.hpp"

#include <algorithm>

#include "core/bit_field.hpp"

namespace mediaswitch {
namespace {

// RFC 3550 §6.4.1, the common header
constexpr BitField version_field{.octet = 0, .shift = 6, .width = 2};
constexpr BitField padding_field{.octet = 0, .shift = 5, .width = 1};
constexpr BitField count_field{.octet = 0, .shift = 0, .width = 5};
constexpr BitField type_field{.octet = 1, .shift = 0, .width = 8};
constexpr WordField<std::uint16_t> length_field{.octet = 2};
constexpr std::size_t header_size = 4;
constexpr std::size_t word_size = 4;
constexpr unsigned rtp_version = 2;

constexpr WordField<std::uint32_t> ssrc_field{.octet = 0};
constexpr std::size_t ssrc_size = 4;

// Sender information, from its start
constexpr WordField<std::uint64_t> ntp_field{.octet = 0};
constexpr WordField<std::uint32_t> timestamp_field{.octet = 8};
constexpr WordField<std::uint32_t> packets_field{.octet = 12};
constexpr WordField<std::uint32_t> octets_field{.octet = 16};
constexpr std::size_t sender_info_size = 20;

// Report block, from its start
constexpr BitField fraction_field{.octet = 4, .shift = 0, .width = 8};
/// Its upper octet is `fraction_field`'s.
constexpr WordField<std::uint32_t> lost_field{.octet = 4};
constexpr WordField<std::uint32_t> highest_field{.octet = 8};
constexpr WordField<std::uint32_t> jitter_field{.octet = 12};
constexpr WordField<std::uint32_t> last_report_field{.octet = 16};
constexpr WordField<std::uint32_t> since_field{.octet = 20};
constexpr std::size_t block_size = 24;

// §12.1
constexpr std::uint8_t sender_report = 200;
constexpr std::uint8_t receiver_report = 201;
constexpr std::uint8_t source_description = 202;
constexpr std::uint8_t goodbye_type = 203;
constexpr std::uint8_t cname_item = 1;

constexpr std::int32_t most_lost = 0x7F'FFFF;
constexpr std::uint32_t lost_mask = 0xFF'FFFF;

std::size_t size_of(std::span<const std::uint8_t> part) {
  return (std::size_t{length_field.read(part)} + 1) * word_size;
}

RtcpReader::Kind kind_of_type(std::uint8_t type) {
  if (type == sender_report) return RtcpReader::Kind::SenderReport;
  if (type == receiver_report) return RtcpReader::Kind::ReceiverReport;
  if (type == source_description) return RtcpReader::Kind::Description;
  if (type == goodbye_type) return RtcpReader::Kind::Goodbye;
  return RtcpReader::Kind::Other;
}

std::size_t blocks_begin(const RtcpReader::Part& part) {
  return ssrc_size + (part.kind == RtcpReader::Kind::SenderReport ? sender_info_size : 0);
}

void write_block(const ReportBlock& block, std::span<std::uint8_t> octets) {
  ssrc_field.write(octets, block.ssrc.value);
  const std::int32_t lost = std::clamp(block.cumulative_lost, -most_lost - 1, most_lost);
  lost_field.write(octets, static_cast<std::uint32_t>(lost) & lost_mask);
  fraction_field.write(octets, block.fraction_lost);
  highest_field.write(octets, block.highest_sequence);
  jitter_field.write(octets, block.jitter.value);
  last_report_field.write(octets, block.last_report);
  since_field.write(octets, block.since_last_report);
}

}  // namespace

bool RtcpReader::is_compound(std::span<const std::uint8_t> packet) {
  bool is_first = true;
  while (!packet.empty()) {
    if (packet.size() < header_size || version_field.read(packet) != rtp_version) return false;
    const std::size_t size = size_of(packet);
    if (size > packet.size()) return false;
    const bool is_padded = padding_field.read(packet) != 0;
    if (is_first) {
      const Kind kind = kind_of_type(type_field.read(packet));
      if ((kind != Kind::SenderReport && kind != Kind::ReceiverReport) || is_padded) return false;
    }
    if (is_padded) {
      // The last octet of the last part counts the padding, itself included.
      const std::uint8_t padding = packet.back();
      if (size != packet.size() || padding == 0 || padding % word_size != 0) return false;
      if (padding > size - header_size) return false;
    }
    is_first = false;
    packet = packet.subspan(size);
  }
  return !is_first;
}

std::optional<RtcpReader::Part> RtcpReader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::size_t size = size_of(rest_);
  const std::size_t padding = padding_field.read(rest_) != 0 ? rest_.back() : 0;
  const Part part{.kind = kind_of_type(type_field.read(rest_)),
                  .count = count_field.read(rest_),
                  .body = rest_.subspan(header_size, size - header_size - padding)};
  rest_ = rest_.subspan(size);
  return part;
}

std::optional<Ssrc> RtcpReader::sender_of(const Part& part) {
  if (part.body.size() < ssrc_size) return std::nullopt;
  return Ssrc{ssrc_field.read(part.body)};
}

std::optional<SenderInfo> RtcpReader::sender_info_of(const Part& part) {
  if (part.kind != Kind::SenderReport || part.body.size() < ssrc_size + sender_info_size) return std::nullopt;
  const auto info = part.body.subspan(ssrc_size, sender_info_size);
  return SenderInfo{.ntp = ntp_field.read(info),
                    .timestamp = {timestamp_field.read(info)},
                    .packets = packets_field.read(info),
                    .octets = octets_field.read(info)};
}

std::optional<ReportBlock> RtcpReader::block_of(const Part& part, std::size_t n) {
  if (part.kind != Kind::SenderReport && part.kind != Kind::ReceiverReport) return std::nullopt;
  const std::size_t at = blocks_begin(part) + n * block_size;
  if (n >= part.count || part.body.size() < at + block_size) return std::nullopt;
  const auto block = part.body.subspan(at, block_size);
  const std::uint32_t lost = lost_field.read(block) & lost_mask;
  const bool is_negative = lost > static_cast<std::uint32_t>(most_lost);
  return ReportBlock{.ssrc = {ssrc_field.read(block)},
                     .fraction_lost = fraction_field.read(block),
                     .cumulative_lost = static_cast<std::int32_t>(is_negative ? lost | ~lost_mask : lost),
                     .highest_sequence = highest_field.read(block),
                     .jitter = {jitter_field.read(block)},
                     .last_report = last_report_field.read(block),
                     .since_last_report = since_field.read(block)};
}

std::optional<Ssrc> RtcpReader::leaver_of(const Part& part, std::size_t n) {
  const std::size_t at = n * ssrc_size;
  if (part.kind != Kind::Goodbye || n >= part.count || part.body.size() < at + ssrc_size) return std::nullopt;
  return Ssrc{ssrc_field.read(part.body.subspan(at))};
}

std::span<std::uint8_t> RtcpWriter::begin(std::uint8_t type, std::uint8_t count, std::size_t body_size) {
  const auto part = buffer_.subspan(size_, header_size + body_size);
  std::ranges::fill(part, std::uint8_t{0});
  version_field.write(part, rtp_version);
  count_field.write(part, count);
  type_field.write(part, type);
  length_field.write(part, static_cast<std::uint16_t>(body_size / word_size));
  size_ += part.size();
  return part.subspan(header_size);
}

void RtcpWriter::report(Ssrc own,
                        const std::optional<SenderInfo>& sender,
                        const std::optional<ReportBlock>& block) {
  const std::size_t block_at = ssrc_size + (sender ? sender_info_size : 0);
  const auto body =
      begin(sender ? sender_report : receiver_report, block ? 1 : 0, block_at + (block ? block_size : 0));
  ssrc_field.write(body, own.value);
  if (sender) {
    const auto info = body.subspan(ssrc_size, sender_info_size);
    ntp_field.write(info, sender->ntp);
    timestamp_field.write(info, sender->timestamp.value);
    packets_field.write(info, sender->packets);
    octets_field.write(info, sender->octets);
  }
  if (block) write_block(*block, body.subspan(block_at, block_size));
}

void RtcpWriter::description(Ssrc own, std::string_view cname) {
  constexpr std::size_t longest_item = 255;
  const std::string_view name = cname.substr(0, longest_item);
  // SSRC, item type and length, the name, and at least one zero octet up to a whole word (§6.5).
  const std::size_t item_size = 2 + name.size();
  const std::size_t body_size = (ssrc_size + item_size) / word_size * word_size + word_size;
  const auto body = begin(source_description, 1, body_size);
  ssrc_field.write(body, own.value);
  body[ssrc_size] = cname_item;
  body[ssrc_size + 1] = static_cast<std::uint8_t>(name.size());
  std::ranges::copy(name, body.begin() + ssrc_size + 2);
}

void RtcpWriter::goodbye(Ssrc own) { ssrc_field.write(begin(goodbye_type, 1, ssrc_size), own.value); }

}  // namespace mediaswitch
