// Arbitrary octets as an RTP packet: what is read lies within the datagram, and what is written from it reads
// the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/drop.hpp"
#include "require.hpp"
#include "rtp/packet.hpp"

using namespace mediaswitch;
using mediaswitch::test::require;

namespace {

void check_payload(const RtpPacket& packet, const std::vector<std::uint8_t>& datagram) {
  const std::uint8_t* const begin = datagram.data();
  require(!packet.payload.empty());
  require(packet.payload.data() >= begin + rtp_header_size);
  require(packet.payload.data() + packet.payload.size() <= begin + datagram.size());
}

void check_round_trip(const RtpPacket& packet) {
  std::vector<std::uint8_t> written(rtp_header_size + packet.payload.size());
  std::ranges::copy(packet.payload, written.begin() + rtp_header_size);
  write_rtp_header(packet.header, std::span(written).first<rtp_header_size>());
  const auto again = read_rtp(written);
  require(again.ok());
  const RtpHeader& was = packet.header;
  const RtpHeader& is = again.value().header;
  require(is.marker == was.marker && is.payload_type == was.payload_type && is.ssrc == was.ssrc);
  require(is.sequence == was.sequence && is.timestamp == was.timestamp);
  require(std::ranges::equal(again.value().payload, packet.payload));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> datagram(data, data + size);
  const auto packet = read_rtp(datagram);
  if (packet.ok()) {
    check_payload(packet.value(), datagram);
    check_round_trip(packet.value());
  } else {
    require(!name(packet.error()).empty());
  }
  return 0;
}
