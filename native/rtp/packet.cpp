#include "rtp/packet.hpp"

#include <algorithm>

#include "core/bit_field.hpp"

namespace mediaswitch {
namespace {

// RFC 3550 §5.1
constexpr BitField version_field{.octet = 0, .shift = 6, .width = 2};
constexpr BitField padding_field{.octet = 0, .shift = 5, .width = 1};
constexpr BitField extension_field{.octet = 0, .shift = 4, .width = 1};
constexpr BitField csrc_count_field{.octet = 0, .shift = 0, .width = 4};
constexpr BitField marker_field{.octet = 1, .shift = 7, .width = 1};
constexpr BitField payload_type_field{.octet = 1, .shift = 0, .width = 7};
constexpr WordField<std::uint16_t> sequence_field{.octet = 2};
constexpr WordField<std::uint32_t> timestamp_field{.octet = 4};
constexpr WordField<std::uint32_t> ssrc_field{.octet = 8};

// RFC 3550 §5.3.1, from the start of the extension
constexpr std::size_t extension_header_size = 4;
constexpr WordField<std::uint16_t> extension_words_field{.octet = 2};

constexpr std::size_t word_size = 4;
constexpr unsigned rtp_version = 2;

}  // namespace

Result<RtpPacket, Drop> read_rtp(std::span<std::uint8_t> datagram) {
  if (datagram.size() < rtp_header_size) return Drop::TruncatedHeader;
  if (version_field.read(datagram) != rtp_version) return Drop::NotMedia;

  const std::size_t header_size = rtp_header_size + csrc_count_field.read(datagram) * word_size;
  if (datagram.size() < header_size) return Drop::TruncatedHeader;
  std::span<std::uint8_t> payload = datagram.subspan(header_size);

  if (extension_field.read(datagram) != 0) {
    if (payload.size() < extension_header_size) return Drop::TruncatedExtension;
    const std::size_t size = extension_header_size + extension_words_field.read(payload) * word_size;
    if (payload.size() < size) return Drop::TruncatedExtension;
    payload = payload.subspan(size);
  }

  if (padding_field.read(datagram) != 0) {
    // The last octet counts the padding, itself included.
    const std::size_t padding = payload.empty() ? 0 : payload.back();
    if (padding == 0 || padding > payload.size()) return Drop::BadPadding;
    payload = payload.first(payload.size() - padding);
  }
  if (payload.empty()) return Drop::EmptyPayload;

  return RtpPacket{.header = {.marker = marker_field.read(datagram) != 0,
                              .payload_type = {payload_type_field.read(datagram)},
                              .sequence = {sequence_field.read(datagram)},
                              .timestamp = {timestamp_field.read(datagram)},
                              .ssrc = {ssrc_field.read(datagram)}},
                   .payload = payload};
}

void write_rtp_header(const RtpHeader& header, std::span<std::uint8_t, rtp_header_size> octets) {
  std::ranges::fill(octets, std::uint8_t{0});
  version_field.write(octets, rtp_version);
  marker_field.write(octets, header.marker ? 1 : 0);
  payload_type_field.write(octets, header.payload_type.value);
  sequence_field.write(octets, header.sequence.value);
  timestamp_field.write(octets, header.timestamp.value);
  ssrc_field.write(octets, header.ssrc.value);
}

}  // namespace mediaswitch
