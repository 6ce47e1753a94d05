#include "rtp/rtcp_packet.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <doctest/doctest.h>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "support/rtp_builder.hpp"

using namespace mediaswitch;
using mediaswitch::test::Octets;
using Kind = RtcpReader::Kind;

namespace {

/// RFC 3550 §6.4.1, by hand: a sender report with two blocks.
const Octets sender_report{
    0x82, 200,  0x00, 0x12,                          // version 2, two blocks, 18 words after this one
    0x11, 0x22, 0x33, 0x44,                          // sender
    0xE0, 0x01, 0x02, 0x03, 0x80, 0x00, 0x00, 0x01,  // NTP: seconds, fraction
    0x00, 0x00, 0x1F, 0x40,                          // RTP timestamp 8000
    0x00, 0x00, 0x00, 0x32,                          // 50 packets
    0x00, 0x00, 0x1F, 0x40,                          // 8000 octets
    0x55, 0x66, 0x77, 0x88,                          // of whom
    0x40, 0x00, 0x00, 0x0A,                          // a quarter lost, 10 in all
    0x00, 0x01, 0x00, 0x05,                          // one wrap, number 5
    0x00, 0x00, 0x00, 0x50,                          // jitter 80
    0x02, 0x03, 0x80, 0x00,                          // last report
    0x00, 0x01, 0x80, 0x00,                          // 1.5 s ago
    0x99, 0xAA, 0xBB, 0xCC,                          // another one
    0xFF, 0xFF, 0xFF, 0xFE,                          // -2 in 24 bits
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,  //
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

const Octets empty_report{0x80, 201, 0, 1, 0x11, 0x22, 0x33, 0x44};
const Octets description{0x81, 202, 0, 3, 0x11, 0x22, 0x33, 0x44, 1, 3, 'a', 'b', 'c', 0, 0, 0};
const Octets goodbye{0x82, 203, 0,   5,   0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
                     7,    'l', 'e', 'a', 'v',  'i',  'n',  'g',  0,    0,    0,    0};
/// §6.7, and RFC 3611.
const Octets application{0x80, 204, 0, 2, 0x11, 0x22, 0x33, 0x44, 'n', 'a', 'm', 'e'};
const Octets extended{0x80, 207, 0, 1, 0x11, 0x22, 0x33, 0x44};

Octets joined(const std::vector<Octets>& parts) {
  Octets whole;
  for (const Octets& each : parts) whole.insert(whole.end(), each.begin(), each.end());
  return whole;
}

/// With so many octets of padding at its end.
Octets padded(Octets part, std::uint8_t padding) {
  part[0] |= 0x20U;
  part[3] = static_cast<std::uint8_t>(part[3] + padding / 4);
  part.insert(part.end(), padding - 1U, 0);
  part.push_back(padding);
  return part;
}

void flip_a_bit(Octets& packet, Random& random) {
  std::uint8_t& octet = packet[random.next32() % packet.size()];
  octet = static_cast<std::uint8_t>(octet ^ 1U << random.next32() % 8);
}

std::vector<RtcpReader::Part> parts_of(const Octets& packet) {
  REQUIRE(RtcpReader::is_compound(packet));
  std::vector<RtcpReader::Part> parts;
  RtcpReader reader(packet);
  while (const auto part = reader.next()) parts.push_back(*part);
  return parts;
}

}  // namespace

TEST_CASE("a sender report, octet by octet") {
  const auto parts = parts_of(sender_report);
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].kind == Kind::SenderReport);
  CHECK(parts[0].count == 2);
  CHECK(RtcpReader::sender_of(parts[0]) == Ssrc{0x11223344});
  CHECK(RtcpReader::sender_info_of(parts[0]) ==
        SenderInfo{.ntp = 0xE001020380000001, .timestamp = {8000}, .packets = 50, .octets = 8000});
  CHECK(RtcpReader::block_of(parts[0], 0) == ReportBlock{.ssrc = {0x55667788},
                                                         .fraction_lost = 64,
                                                         .cumulative_lost = 10,
                                                         .highest_sequence = 0x10005,
                                                         .jitter = {80},
                                                         .last_report = 0x02038000,
                                                         .since_last_report = 98'304});
  CHECK(RtcpReader::block_of(parts[0], 1) == ReportBlock{.ssrc = {0x99AABBCC},
                                                         .fraction_lost = 255,
                                                         .cumulative_lost = -2,
                                                         .highest_sequence = 0xFFFFFFFF,
                                                         .jitter = {0xFFFFFFFF}});
  CHECK_FALSE(RtcpReader::block_of(parts[0], 2));
  CHECK_FALSE(RtcpReader::leaver_of(parts[0], 0));
}

TEST_CASE("each part of a compound packet, and what is not understood passed over") {
  const Octets packet = joined({empty_report, extended, description, application, goodbye});
  const auto parts = parts_of(packet);
  REQUIRE(parts.size() == 5);
  CHECK(parts[0].kind == Kind::ReceiverReport);
  CHECK_FALSE(RtcpReader::sender_info_of(parts[0]));
  CHECK_FALSE(RtcpReader::block_of(parts[0], 0));
  CHECK(parts[1].kind == Kind::Other);
  CHECK(parts[2].kind == Kind::Description);
  CHECK(parts[3].kind == Kind::Other);
  CHECK(parts[4].kind == Kind::Goodbye);
  CHECK(RtcpReader::leaver_of(parts[4], 0) == Ssrc{0x11223344});
  CHECK(RtcpReader::leaver_of(parts[4], 1) == Ssrc{0x55667788});
  CHECK_MESSAGE(!RtcpReader::leaver_of(parts[4], 2), "the reason is no source");
}

TEST_CASE("what breaks RFC 3550 A.2 is no compound packet") {
  CHECK_FALSE(RtcpReader::is_compound({}));
  CHECK_FALSE(RtcpReader::is_compound(goodbye));
  CHECK_FALSE(RtcpReader::is_compound(joined({description, empty_report})));
  Octets version = empty_report;
  version[0] = 0x40;
  CHECK_FALSE(RtcpReader::is_compound(version));
  CHECK_FALSE(RtcpReader::is_compound(joined({empty_report, version})));
  Octets longer = empty_report;
  longer[3] = 2;
  CHECK_FALSE(RtcpReader::is_compound(longer));
  CHECK(RtcpReader::is_compound(Octets{0x80, 201, 0, 0}));
}

TEST_CASE("padding: at the end of the last part alone, not of the first, in whole words") {
  const auto parts = parts_of(joined({empty_report, padded(goodbye, 8)}));
  CHECK(parts[1].body.size() == goodbye.size() - 4);
  CHECK_FALSE(RtcpReader::is_compound(padded(empty_report, 4)));
  CHECK_FALSE(RtcpReader::is_compound(joined({empty_report, padded(goodbye, 8), description})));
  for (const std::uint8_t count : std::array<std::uint8_t, 5>{0, 1, 7, 252, 255}) {
    Octets wrong = joined({empty_report, padded(goodbye, 8)});
    wrong.back() = count;
    CHECK_FALSE(RtcpReader::is_compound(wrong));
  }
  Octets all_padding = joined({empty_report, padded(Octets{0x80, 203, 0, 0}, 8)});
  CHECK(parts_of(all_padding)[1].body.empty());
}

TEST_CASE("a count of more items than there are is believed no further than they go") {
  Octets report = sender_report;
  report[0] = 0x9F;
  const auto parts = parts_of(report);
  CHECK(parts[0].count == 31);
  CHECK(RtcpReader::block_of(parts[0], 1));
  for (std::size_t n = 2; n < 40; ++n) CHECK_FALSE(RtcpReader::block_of(parts[0], n));
  const auto empty = parts_of(joined({Octets{0x9F, 200, 0, 0}, Octets{0x9F, 203, 0, 0}}));
  CHECK_FALSE(RtcpReader::sender_of(empty[0]));
  CHECK_FALSE(RtcpReader::sender_info_of(empty[0]));
  CHECK_FALSE(RtcpReader::block_of(empty[0], 0));
  CHECK_FALSE(RtcpReader::leaver_of(empty[1], 0));
}

TEST_CASE("cut short anywhere it is refused, but between its parts") {
  const std::vector<Octets> whole{sender_report, description, goodbye};
  const Octets packet = joined(whole);
  const std::size_t first = sender_report.size();
  const std::size_t second = first + description.size();
  for (std::size_t size = 0; size < packet.size(); ++size) {
    // A copy of its own, so that a sanitizer sees each octet that is read beyond it.
    const Octets cut(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size));
    CAPTURE(size);
    CHECK(RtcpReader::is_compound(cut) == (size == first || size == second));
  }
}

TEST_CASE("what is written is laid out as in RFC 3550 §6") {
  std::array<std::uint8_t, 256> buffer{};
  buffer.fill(0xEE);
  RtcpWriter writer(buffer);
  const SenderInfo info{.ntp = 0xE001020380000001, .timestamp = {8000}, .packets = 50, .octets = 8000};
  const ReportBlock block{.ssrc = {0x99AABBCC},
                          .fraction_lost = 255,
                          .cumulative_lost = -2,
                          .highest_sequence = 0xFFFFFFFF,
                          .jitter = {0xFFFFFFFF}};
  writer.report({0x11223344}, info, block);
  writer.description({0x11223344}, "abc");
  writer.goodbye({0x11223344});
  Octets expected(sender_report.begin(), sender_report.begin() + 28);
  expected[0] = 0x81;
  expected[3] = 12;
  expected.insert(expected.end(), sender_report.begin() + 52, sender_report.end());
  expected = joined({expected, description, {0x81, 203, 0, 1, 0x11, 0x22, 0x33, 0x44}});
  CHECK(Octets(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(writer.size())) == expected);
  CHECK(buffer[writer.size()] == 0xEE);

  RtcpWriter empty(buffer);
  empty.report({0x11223344}, std::nullopt, std::nullopt);
  CHECK(Octets(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(empty.size())) == empty_report);
}

TEST_CASE("a name of any length ends with a zero octet and fills whole words (§6.5)") {
  for (std::size_t size = 0; size <= 300; ++size) {
    std::array<std::uint8_t, 300> buffer{};
    buffer.fill(0xEE);
    RtcpWriter writer(buffer);
    writer.description({1}, std::string(size, 'n'));
    const std::size_t kept = std::min<std::size_t>(size, 255);
    CAPTURE(size);
    CHECK(writer.size() % 4 == 0);
    CHECK((std::size_t{buffer[2]} * 256 + buffer[3] + 1) * 4 == writer.size());
    CHECK(buffer[8] == 1);
    CHECK(buffer[9] == kept);
    const auto zeros = std::span(buffer).subspan(10 + kept, writer.size() - 10 - kept);
    CHECK(zeros.size() >= 1);
    CHECK(zeros.size() <= 4);
    CHECK(std::ranges::all_of(zeros, [](std::uint8_t each) { return each == 0; }));
  }
}

TEST_CASE("losses beyond 24 bits are told as the most that fit (§6.4.1)") {
  const auto told = [](std::int32_t lost) {
    std::array<std::uint8_t, 64> buffer{};
    RtcpWriter writer(buffer);
    writer.report({1}, std::nullopt, ReportBlock{.ssrc = {2}, .cumulative_lost = lost});
    const Octets packet(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(writer.size()));
    return RtcpReader::block_of(parts_of(packet)[0], 0)->cumulative_lost;
  };
  CHECK(told(0x7FFFFF) == 8'388'607);
  CHECK(told(0x800000) == 8'388'607);
  CHECK(told(0x7FFFFFFF) == 8'388'607);
  CHECK(told(-0x800000) == -8'388'608);
  CHECK(told(-0x800001) == -8'388'608);
  CHECK(told(-1) == -1);
}

TEST_CASE("100,000 random compound packets, whole or broken: parts lie within and reports read as written") {
  Random random({4, 3, 2, 1});
  std::size_t compound = 0;
  for (int round = 0; round < 100'000; ++round) {
    Octets packet;
    const std::size_t parts = 1 + random.next32() % 4;
    for (std::size_t i = 0; i < parts; ++i) {
      const std::size_t words = random.next32() % 16;
      const bool is_report = i == 0 && random.next32() % 8 != 0;
      packet.push_back(static_cast<std::uint8_t>(0x80U | random.next32() % 32));
      packet.push_back(static_cast<std::uint8_t>(200 + random.next32() % (is_report ? 2 : 8)));
      packet.push_back(0);
      packet.push_back(static_cast<std::uint8_t>(words));
      for (std::size_t octet = 0; octet < 4 * words; ++octet) {
        packet.push_back(static_cast<std::uint8_t>(random.next32()));
      }
    }
    // One in four has some octet changed, one in eight is cut.
    if (random.next32() % 4 == 0) flip_a_bit(packet, random);
    if (random.next32() % 8 == 0) packet.resize(random.next32() % packet.size());
    packet.shrink_to_fit();
    if (!RtcpReader::is_compound(packet)) continue;
    ++compound;
    RtcpReader reader(packet);
    std::size_t octets = 0;
    while (const auto part = reader.next()) {
      octets += 4 + part->body.size();
      for (std::size_t n = 0; n <= 32; ++n) {
        static_cast<void>(RtcpReader::leaver_of(*part, n));
        const auto block = RtcpReader::block_of(*part, n);
        if (!block) continue;
        REQUIRE(n < part->count);
        std::array<std::uint8_t, 64> buffer{};
        RtcpWriter writer(buffer);
        writer.report(*RtcpReader::sender_of(*part), RtcpReader::sender_info_of(*part), block);
        const auto octets_written = std::span(buffer).first(writer.size());
        RtcpReader again(octets_written);
        const auto written = again.next();
        REQUIRE(RtcpReader::block_of(*written, 0) == block);
        REQUIRE(RtcpReader::sender_of(*written) == RtcpReader::sender_of(*part));
        REQUIRE(RtcpReader::sender_info_of(*written) == RtcpReader::sender_info_of(*part));
      }
    }
    REQUIRE(octets <= packet.size());
    REQUIRE(octets + 252 >= packet.size());
  }
  CHECK(compound > 50'000);
}
