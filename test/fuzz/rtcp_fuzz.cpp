// Arbitrary octets as an RTCP compound packet: every part and every item of it lies within, and what is
// written from a report block reads the same. Also as what a session is told by the far end.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/random.hpp"
#include "require.hpp"
#include "rtp/rtcp_packet.hpp"
#include "rtp/rtcp_session.hpp"

using namespace mediaswitch;
using mediaswitch::test::require;

namespace {

constexpr Ssrc own{0x01020304};

void check_round_trip(const ReportBlock& block, const std::optional<SenderInfo>& info) {
  std::array<std::uint8_t, RtcpSession::longest> buffer{};
  RtcpWriter writer(buffer);
  writer.report(own, info, block);
  writer.description(own, "somebody");
  const auto written = std::span(buffer).first(writer.size());
  require(RtcpReader::is_compound(written));
  RtcpReader reader(written);
  const auto part = reader.next();
  require(part.has_value() && RtcpReader::block_of(*part, 0) == block);
  require(RtcpReader::sender_info_of(*part) == info);
}

void check_part(const RtcpReader::Part& part, std::span<const std::uint8_t> packet) {
  require(part.body.empty() || (part.body.data() >= packet.data() &&
                                part.body.data() + part.body.size() <= packet.data() + packet.size()));
  (void)RtcpReader::sender_of(part);
  const auto info = RtcpReader::sender_info_of(part);
  for (std::size_t n = 0; n <= part.count; ++n) {
    (void)RtcpReader::leaver_of(part, n);
    const auto block = RtcpReader::block_of(part, n);
    if (block) check_round_trip(*block, info);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::uint8_t> packet(data, data + size);
  if (RtcpReader::is_compound(packet)) {
    RtcpReader reader(packet);
    std::size_t parts = 0;
    while (const auto part = reader.next()) {
      check_part(*part, packet);
      ++parts;
      require(parts <= size / 4);
    }
    require(parts > 0);
  }
  RtcpSession session(Random({1, 2, 3, 4}));
  (void)session.receive(packet, own, Time(std::chrono::hours(1)));
  (void)session.receive(packet, own, Time(std::chrono::hours(1) + std::chrono::seconds(5)));
  return 0;
}
