#include "rtp/packet.hpp"

#include <array>
#include <doctest/doctest.h>
#include <memory>
#include <span>

#include "core/random.hpp"
#include "support/rtp_builder.hpp"

using namespace mediaswitch;
using mediaswitch::test::Octets;
using mediaswitch::test::RtpBuilder;

namespace {

/// In a block of exactly its size, so that a sanitizer sees every read past the end.
Result<RtpPacket, Drop> read_copy(const Octets& octets, std::unique_ptr<std::uint8_t[]>& block) {
  block = std::make_unique<std::uint8_t[]>(octets.size());
  std::copy(octets.begin(), octets.end(), block.get());
  return read_rtp({block.get(), octets.size()});
}

Drop refusal_of(const Octets& octets) {
  std::unique_ptr<std::uint8_t[]> block;
  const auto packet = read_copy(octets, block);
  REQUIRE_FALSE(packet.ok());
  return packet.error();
}

}  // namespace

TEST_CASE("a plain packet is read field by field") {
  auto octets = RtpBuilder{
      .marker = true,
      .payload_type = 127,
      .sequence = 65535,
      .timestamp = 0xFFFFFFFF,
      .ssrc = 0x80000001,
      .payload = {
          1, 2, 3}}.build();
  const auto packet = read_rtp(octets);
  REQUIRE(packet.ok());
  const auto& [header, payload] = packet.value();
  CHECK(header.marker);
  CHECK(header.payload_type == PayloadType{127});
  CHECK(header.sequence == SequenceNumber{65535});
  CHECK(header.timestamp == RtpTimestamp{0xFFFFFFFF});
  CHECK(header.ssrc == Ssrc{0x80000001});
  CHECK(Octets(payload.begin(), payload.end()) == Octets{1, 2, 3});
}

TEST_CASE("CSRC list, header extension and padding are stepped over, in every combination") {
  for (std::size_t csrc = 0; csrc <= 15; ++csrc) {
    for (const int words : {-1, 0, 1, 300}) {
      for (const std::uint8_t padding : std::array<std::uint8_t, 4>{0, 1, 4, 255}) {
        RtpBuilder builder{.csrc = std::vector<std::uint32_t>(csrc, 0xC5C5C5C5),
                           .has_extension = words >= 0,
                           .payload = {9, 8, 7},
                           .padding = padding};
        if (words > 0) builder.extension.assign(static_cast<std::size_t>(words), 0xEEEEEEEE);
        std::unique_ptr<std::uint8_t[]> block;
        const auto packet = read_copy(builder.build(), block);
        REQUIRE(packet.ok());
        const auto payload = packet.value().payload;
        CHECK(Octets(payload.begin(), payload.end()) == Octets{9, 8, 7});
        CHECK(payload.data() - block.get() >= static_cast<std::ptrdiff_t>(rtp_header_size));
      }
    }
  }
}

TEST_CASE("lengths that lie are refused, each by its name") {
  CHECK(refusal_of({}) == Drop::TruncatedHeader);
  CHECK(refusal_of(Octets(11, 0x80)) == Drop::TruncatedHeader);
  for (const unsigned version : {0U, 1U, 3U}) {
    CHECK(refusal_of(RtpBuilder{.version = version}.build()) == Drop::NotMedia);
  }

  Octets fifteen_csrc = RtpBuilder{.payload = Octets(59)}.build();
  fifteen_csrc[0] |= 0x0F;
  CHECK_MESSAGE(refusal_of(fifteen_csrc) == Drop::TruncatedHeader, "one octet less than 15 CSRCs");
  fifteen_csrc.push_back(0);
  CHECK_MESSAGE(refusal_of(fifteen_csrc) == Drop::EmptyPayload, "just the 15 CSRCs");

  Octets extension = RtpBuilder{.payload = Octets(3)}.build();
  extension[0] |= 0x10;
  CHECK_MESSAGE(refusal_of(extension) == Drop::TruncatedExtension, "not even the extension's own header");
  extension = RtpBuilder{.payload = {0xBE, 0xDE, 0, 2, 1, 1, 1, 1, 2, 2, 2}}.build();
  extension[0] |= 0x10;
  CHECK_MESSAGE(refusal_of(extension) == Drop::TruncatedExtension, "one octet less than two words");
  extension = RtpBuilder{.payload = {0xBE, 0xDE, 0xFF, 0xFF, 1, 1, 1, 1}}.build();
  extension[0] |= 0x10;
  CHECK_MESSAGE(refusal_of(extension) == Drop::TruncatedExtension, "65,535 words");

  Octets padding = RtpBuilder{.payload = {1, 2, 3, 0}}.build();
  padding[0] |= 0x20;
  CHECK_MESSAGE(refusal_of(padding) == Drop::BadPadding, "a count of 0");
  padding = RtpBuilder{.payload = {1, 2, 3, 5}}.build();
  padding[0] |= 0x20;
  CHECK_MESSAGE(refusal_of(padding) == Drop::BadPadding, "one more than there is");
  padding = RtpBuilder{.payload = {1, 2, 3, 4}}.build();
  padding[0] |= 0x20;
  CHECK_MESSAGE(refusal_of(padding) == Drop::EmptyPayload, "padding and nothing else");
  padding = RtpBuilder{.payload = {}}.build();
  padding[0] |= 0x20;
  CHECK_MESSAGE(refusal_of(padding) == Drop::BadPadding, "no octet to count in");
  // The padding may not reach back into the extension.
  padding = RtpBuilder{.payload = {0xBE, 0xDE, 0, 1, 1, 1, 1, 6}}.build();
  padding[0] |= 0x30;
  CHECK_MESSAGE(refusal_of(padding) == Drop::BadPadding, "the last octet is the extension's");

  CHECK(refusal_of(RtpBuilder{.payload = {}}.build()) == Drop::EmptyPayload);
}

TEST_CASE("a header that was written reads back the same, at its edges and at random") {
  Random random({1, 2, 3, 4});
  for (int i = 0; i < 2000; ++i) {
    const bool is_edge = i < 4;
    const std::uint32_t edge = (i & 1) != 0 ? 0xFFFFFFFF : 0;
    const RtpHeader header{
        .marker = (random.next32() & 1U) != 0,
        .payload_type = {static_cast<std::uint8_t>((is_edge ? edge : random.next32()) & 0x7FU)},
        .sequence = {static_cast<std::uint16_t>(is_edge ? edge : random.next32())},
        .timestamp = {is_edge ? edge : random.next32()},
        .ssrc = {is_edge ? edge : random.next32()}};
    std::array<std::uint8_t, rtp_header_size + 1> octets{};
    octets.fill(0xFF);
    write_rtp_header(header, std::span(octets).first<rtp_header_size>());
    CHECK(octets[0] == 0x80);
    CHECK(octets.back() == 0xFF);
    const auto packet = read_rtp(octets);
    REQUIRE(packet.ok());
    CHECK(packet.value().header.marker == header.marker);
    CHECK(packet.value().header.payload_type == header.payload_type);
    CHECK(packet.value().header.sequence == header.sequence);
    CHECK(packet.value().header.timestamp == header.timestamp);
    CHECK(packet.value().header.ssrc == header.ssrc);
  }
}

TEST_CASE("100,000 datagrams of chance: never outside the block, never an empty payload") {
  Random random({5, 6, 7, 8});
  int accepted = 0;
  for (int i = 0; i < 100'000; ++i) {
    // Mostly short, where the edges are; now and then as long as a jumbo frame.
    const std::uint32_t longest = i % 500 == 0 ? 9000 : 100;
    Octets octets(random.next32() % (longest + 1));
    for (auto& octet : octets) octet = static_cast<std::uint8_t>(random.next32());
    if (!octets.empty() && i % 4 != 0) octets[0] = static_cast<std::uint8_t>(0x80 | (octets[0] & 0x3F));
    std::unique_ptr<std::uint8_t[]> block;
    const auto packet = read_copy(octets, block);
    if (!packet.ok()) continue;
    ++accepted;
    const auto payload = packet.value().payload;
    REQUIRE_FALSE(payload.empty());
    REQUIRE(payload.data() >= block.get() + rtp_header_size);
    REQUIRE(payload.data() + payload.size() <= block.get() + octets.size());
  }
  CHECK_MESSAGE(accepted > 10'000, "the generator reaches the code behind the checks");
}
