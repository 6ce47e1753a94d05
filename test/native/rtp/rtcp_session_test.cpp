#include "rtp/rtcp_session.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <doctest/doctest.h>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "support/allocation_count.hpp"
#include "support/rtp_builder.hpp"

using namespace mediaswitch;
using mediaswitch::test::allocation_count;
using mediaswitch::test::Octets;
using mediaswitch::test::RtpBuilder;
using mediaswitch::test::word_at;
using namespace std::chrono_literals;

namespace {

constexpr Ssrc own{0x0A0B0C0D};
constexpr Ssrc far_end{0x55667788};
constexpr Ssrc third{0x33333333};
/// Seconds since 1900 and their fraction.
constexpr std::uint64_t ntp = 0xE001020380000000;

struct Block {
  Ssrc ssrc = own;
  std::uint32_t lost = 0;
  std::uint32_t jitter = 0;
  std::uint32_t last_report = 0;
  std::uint32_t since = 0;
};

/// Written word by word (RFC 3550 §6.4.1), not with the code under test.
Octets receiver_report(Ssrc from, const std::vector<Block>& blocks) {
  Octets out{static_cast<std::uint8_t>(0x80U | blocks.size()), 201};
  RtpBuilder::put16(out, static_cast<std::uint16_t>(1 + 6 * blocks.size()));
  RtpBuilder::put32(out, from.value);
  for (const Block& each : blocks) {
    RtpBuilder::put32(out, each.ssrc.value);
    RtpBuilder::put32(out, each.lost);
    RtpBuilder::put32(out, 0);
    RtpBuilder::put32(out, each.jitter);
    RtpBuilder::put32(out, each.last_report);
    RtpBuilder::put32(out, each.since);
  }
  return out;
}

Octets sender_report(Ssrc from, std::uint64_t at) {
  Octets out{0x80, 200, 0, 6};
  RtpBuilder::put32(out, from.value);
  RtpBuilder::put32(out, static_cast<std::uint32_t>(at >> 32U));
  RtpBuilder::put32(out, static_cast<std::uint32_t>(at));
  for (int i = 0; i < 3; ++i) RtpBuilder::put32(out, 1);
  return out;
}

Octets goodbye(const std::vector<Ssrc>& leavers) {
  Octets out = receiver_report(far_end, {});
  out.push_back(static_cast<std::uint8_t>(0x80U | leavers.size()));
  out.push_back(203);
  RtpBuilder::put16(out, static_cast<std::uint16_t>(leavers.size()));
  for (const Ssrc each : leavers) RtpBuilder::put32(out, each.value);
  return out;
}

struct Session {
  RtcpSession session{Random({1, 2, 3, 4})};
  Reception reception;
  Traffic sent;
  std::optional<RtpTimestamp> media_clock;
  Time now{1h};
  std::uint64_t wall = ntp;

  void pass(Time::duration time) {
    now += time;
    wall += static_cast<std::uint64_t>(std::chrono::duration<double>(time).count() * 4294967296.0);
  }
  void send(std::uint64_t packets) {
    sent.packets += packets;
    sent.octets += packets * 160;
    media_clock = RtpTimestamp{4711};
  }
  RtcpSession::Standing standing() {
    return {.own = own,
            .sent = sent,
            .media_clock = media_clock,
            .reception = reception,
            .clock = {8000},
            .now = now,
            .ntp = wall};
  }
  Octets report() {
    std::array<std::uint8_t, RtcpSession::longest> out{};
    const std::size_t size = session.write_report(standing(), out);
    return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)};
  }
  Octets leave() {
    std::array<std::uint8_t, RtcpSession::longest> out{};
    const std::size_t size = session.write_goodbye(standing(), out);
    return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)};
  }
  void hear(const Octets& packet) { CHECK_FALSE(session.receive(packet, own, now, reception.source())); }
};

std::string name_in(const Octets& packet, std::size_t at) {
  REQUIRE(packet.at(at + 1) == 202);
  REQUIRE(packet.at(at + 8) == 1);
  const std::size_t size = packet.at(at + 9);
  return {packet.begin() + static_cast<std::ptrdiff_t>(at + 10),
          packet.begin() + static_cast<std::ptrdiff_t>(at + 10 + size)};
}

}  // namespace

TEST_CASE("nothing sent and nothing heard: an empty receiver report and the name") {
  Session rtcp;
  const Octets packet = rtcp.report();
  CHECK(Octets(packet.begin(), packet.begin() + 8) == Octets{0x80, 201, 0, 1, 0x0A, 0x0B, 0x0C, 0x0D});
  CHECK(word_at(packet, 8) == 0x81CA0006);
  CHECK(word_at(packet, 12) == own.value);
  CHECK(name_in(packet, 8).size() == 16);
  CHECK(packet.size() == 8 + 28);
}

TEST_CASE("the name is 96 random bits in base64 and stays (RFC 7022 §4.2)") {
  std::set<std::string> names;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RtcpSession session(Random({seed, 0, 0, 0}));
    Session rtcp;
    rtcp.session = session;
    const std::string name = name_in(rtcp.report(), 8);
    CHECK(name == name_in(rtcp.report(), 8));
    CHECK(std::ranges::all_of(name, [](char each) {
      return (each >= 'A' && each <= 'Z') || (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') ||
             each == '+' || each == '/';
    }));
    names.insert(name);
  }
  CHECK(names.size() == 200);
}

TEST_CASE("a sender tells its clock, its counts and how it hears") {
  Session rtcp;
  rtcp.send(50);
  // 100 to 109 without 103 and 104: two of ten lost, 2 * 256 / 10 = 51.
  for (const std::uint16_t number : std::array<std::uint16_t, 8>{100, 101, 102, 105, 106, 107, 108, 109}) {
    REQUIRE(rtcp.reception.note(far_end, {number}).ok());
  }
  rtcp.hear(sender_report(far_end, 0x1122334455667788));
  rtcp.pass(1500ms);
  const Octets packet = rtcp.report();
  CHECK(word_at(packet, 0) == 0x81C8000C);
  CHECK(word_at(packet, 4) == own.value);
  CHECK(word_at(packet, 8) == 0xE0010205);
  CHECK(word_at(packet, 12) == 0);
  CHECK(word_at(packet, 16) == 4711);
  CHECK(word_at(packet, 20) == 50);
  CHECK(word_at(packet, 24) == 8000);
  CHECK(word_at(packet, 28) == far_end.value);
  CHECK(word_at(packet, 32) == (51U << 24U | 2U));
  CHECK(word_at(packet, 36) == 109);
  CHECK(word_at(packet, 40) == 0);
  CHECK(word_at(packet, 44) == 0x33445566);
  CHECK(word_at(packet, 48) == 98'304);
  CHECK(packet.at(53) == 202);
}

TEST_CASE("a report of a source that is not the one heard is not its last one") {
  Session rtcp;
  REQUIRE(rtcp.reception.note(far_end, {1}).ok());
  rtcp.hear(sender_report(third, ntp));
  const Octets packet = rtcp.report();
  CHECK(word_at(packet, 8) == far_end.value);
  CHECK(word_at(packet, 24) == 0);
  CHECK(word_at(packet, 28) == 0);
}

TEST_CASE(
    "who sent nothing since the report before the last is no sender; who heard nothing tells nothing "
    "(§6.4)") {
  Session rtcp;
  const auto kind = [&rtcp]() { return rtcp.report().at(1); };
  const auto blocks = [&rtcp]() { return rtcp.report().at(0) & 0x1FU; };
  rtcp.send(10);
  CHECK(kind() == 200);
  CHECK(kind() == 200);
  CHECK(kind() == 201);
  rtcp.send(1);
  CHECK(kind() == 200);
  CHECK(kind() == 200);
  CHECK(kind() == 201);
  REQUIRE(rtcp.reception.note(far_end, {1}).ok());
  CHECK(blocks() == 1);
  CHECK(blocks() == 0);
  REQUIRE(rtcp.reception.note(far_end, {2}).ok());
  CHECK(blocks() == 1);
}

TEST_CASE("counts wrap at 32 bits") {
  Session rtcp;
  rtcp.send(1);
  rtcp.sent = {.packets = 0x1'0000'0005, .octets = 0x7'0000'0009};
  const Octets packet = rtcp.report();
  CHECK(word_at(packet, 20) == 5);
  CHECK(word_at(packet, 24) == 9);
}

TEST_CASE("the round trip is what is left of the time since our report (§6.4.1)") {
  Session rtcp;
  rtcp.send(1);
  rtcp.report();
  const auto last = static_cast<std::uint32_t>(ntp >> 16U);
  CHECK_FALSE(rtcp.session.round_trip());
  // Held for 5.25 s: 344,064 of 65,536ths, and 150 ms on the way.
  rtcp.pass(5400ms);
  rtcp.hear(receiver_report(far_end, {{.last_report = last, .since = 344'064}}));
  CHECK(rtcp.session.round_trip() == 150ms);
  rtcp.pass(100ms);
  rtcp.hear(receiver_report(far_end, {{.last_report = last, .since = 344'064}}));
  CHECK(rtcp.session.round_trip() == 250ms);
  // One 65,536th less than 5.5 s: 15.26 µs.
  rtcp.hear(receiver_report(far_end, {{.last_report = last, .since = 360'447}}));
  CHECK(std::chrono::duration<double, std::micro>(*rtcp.session.round_trip()).count() ==
        doctest::Approx(1e6 / 65'536).epsilon(0.001));
}

TEST_CASE("no round trip from a report of none of ours, and none of less than nothing") {
  Session rtcp;
  rtcp.send(1);
  rtcp.report();
  const auto last = static_cast<std::uint32_t>(ntp >> 16U);
  rtcp.pass(1s);
  rtcp.hear(receiver_report(far_end, {{.last_report = 0, .since = 0}}));
  rtcp.hear(receiver_report(far_end, {{.last_report = last + 1, .since = 0}}));
  rtcp.hear(receiver_report(far_end, {{.ssrc = third, .last_report = last, .since = 0}}));
  rtcp.hear(receiver_report(far_end, {{.last_report = last, .since = 0xFFFFFFFF}}));
  CHECK_FALSE(rtcp.session.round_trip());
  // 5 ms longer than the time that passed: its clock is faster.
  rtcp.hear(receiver_report(far_end, {{.last_report = last, .since = 65'536 + 328}}));
  CHECK(rtcp.session.round_trip() == 0ms);
}

TEST_CASE("the far end may answer any of our last four reports, over the wrap of NTP's middle too") {
  Session rtcp;
  rtcp.wall = 0x0000FFFFFF000000;
  std::vector<std::uint32_t> told;
  for (int i = 0; i < 5; ++i) {
    rtcp.send(1);
    told.push_back(static_cast<std::uint32_t>(rtcp.wall >> 16U));
    rtcp.report();
    rtcp.pass(1s);
  }
  CHECK(told[0] > told[4]);
  rtcp.hear(receiver_report(far_end, {{.last_report = told[0]}}));
  CHECK_FALSE(rtcp.session.round_trip());
  for (std::size_t i = 1; i < 5; ++i) {
    rtcp.hear(receiver_report(far_end, {{.last_report = told[i]}}));
    CHECK(rtcp.session.round_trip() == std::chrono::seconds(5 - i));
  }
}

TEST_CASE("how the far end hears us is told by the block about us") {
  Session rtcp;
  CHECK_FALSE(rtcp.session.far_end());
  rtcp.hear(receiver_report(far_end, {{.ssrc = third, .lost = 0x40000001, .jitter = 1}}));
  CHECK_FALSE(rtcp.session.far_end());
  rtcp.hear(receiver_report(
      far_end, {{.ssrc = third, .lost = 1}, {.lost = 0x40000007, .jitter = 80}, {.ssrc = far_end}}));
  REQUIRE(rtcp.session.far_end());
  CHECK(rtcp.session.far_end()->lost == 7);
  CHECK(rtcp.session.far_end()->fraction_lost == 0.25);
  CHECK(rtcp.session.far_end()->jitter_ticks == 80);
  rtcp.hear(receiver_report(far_end, {{.lost = 0x00FFFFFF}}));
  CHECK(rtcp.session.far_end()->lost == -1);
}

TEST_CASE("our own reports sent back, or somebody with our SSRC, tell nothing (§8.2)") {
  Session rtcp;
  rtcp.send(1);
  REQUIRE(rtcp.reception.note(own, {1}).ok());
  const Octets ours = rtcp.report();
  rtcp.pass(1s);
  rtcp.hear(ours);
  rtcp.hear(receiver_report(own, {{.last_report = static_cast<std::uint32_t>(ntp >> 16U)}}));
  rtcp.hear(sender_report(own, ntp));
  rtcp.hear(goodbye({own}));
  CHECK_FALSE(rtcp.session.far_end());
  CHECK_FALSE(rtcp.session.round_trip());
  CHECK_FALSE(rtcp.session.has_left());
  REQUIRE(rtcp.reception.note(own, {2}).ok());
  CHECK(word_at(rtcp.report(), 44) == 0);
}

TEST_CASE("goodbye counts for the stream heard alone, until it is back") {
  Session rtcp;
  rtcp.hear(goodbye({far_end}));
  CHECK_MESSAGE(!rtcp.session.has_left(), "nothing was heard yet");
  REQUIRE(rtcp.reception.note(far_end, {1}).ok());
  rtcp.hear(goodbye({third}));
  rtcp.hear(goodbye({}));
  CHECK_FALSE(rtcp.session.has_left());
  rtcp.hear(goodbye({third, far_end}));
  CHECK(rtcp.session.has_left());
  rtcp.hear(receiver_report(third, {}));
  CHECK(rtcp.session.has_left());
  rtcp.hear(receiver_report(far_end, {}));
  CHECK_FALSE(rtcp.session.has_left());
  rtcp.hear(goodbye({far_end}));
  CHECK(rtcp.session.has_left());
  REQUIRE(rtcp.reception.note(third, {1}).ok());
  rtcp.hear(receiver_report(third, {}));
  CHECK_FALSE(rtcp.session.has_left());
}

TEST_CASE("what is no compound packet is BadRtcp and changes nothing") {
  Session rtcp;
  REQUIRE(rtcp.reception.note(far_end, {1}).ok());
  Octets packet = receiver_report(far_end, {{.lost = 7}});
  for (std::size_t size = 0; size < packet.size(); ++size) {
    const Octets cut(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(rtcp.session.receive(cut, own, rtcp.now, far_end) == Drop::BadRtcp);
  }
  CHECK_FALSE(rtcp.session.far_end());
}

TEST_CASE("goodbye: the last report with BYE, and not from who was never there (§6.3.7)") {
  Session silent;
  CHECK(silent.leave().empty());
  Session reported;
  reported.report();
  const Octets packet = reported.leave();
  CHECK(packet.at(1) == 201);
  CHECK(packet.at(9) == 202);
  CHECK(packet.size() == 8 + 28 + 8);
  CHECK(word_at(packet, 36) == 0x81CB0001);
  CHECK(word_at(packet, 40) == own.value);
  Session brief;
  brief.send(3);
  const Octets sent = brief.leave();
  CHECK(sent.at(1) == 200);
  CHECK(word_at(sent, sent.size() - 8) == 0x81CB0001);
}

namespace {

/// Seconds to each report, asked for every 5 ms: first the one after the start.
std::vector<double> intervals(std::uint64_t seed, std::size_t count) {
  Session rtcp;
  rtcp.session = RtcpSession(Random({seed, 5, 5, 5}));
  std::vector<double> seconds;
  Time last = rtcp.now;
  while (seconds.size() < count) {
    if (rtcp.session.is_due(rtcp.now)) {
      rtcp.report();
      seconds.push_back(std::chrono::duration<double>(rtcp.now - last).count());
      last = rtcp.now;
    }
    rtcp.now += 5ms;
  }
  return seconds;
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double each : values) sum += each;
  return sum / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("reports come 5 s apart on average, between 0.5 and 1.5 of 5 s / 1.21828 (§6.3.1, §6.3.6)") {
  std::vector<double> seconds = intervals(1, 4001);
  seconds.erase(seconds.begin());
  CHECK(std::ranges::min(seconds) >= 2.052);
  CHECK(std::ranges::max(seconds) <= 6.157 + 0.005);
  CHECK(std::ranges::max(seconds) > 6.1);
  // Reconsidered, an interval u of those drawn evenly from 0 to 1 has the density u e^u: its mean is e - 2,
  // and u e^u - e^u + 1 of them are shorter than u.
  CHECK(mean_of(seconds) == doctest::Approx(5.0).epsilon(0.01));
  for (const double u : {0.25, 0.5, 0.75}) {
    const double limit = (0.5 + u) * 5 / 1.21828;
    const auto shorter = std::ranges::count_if(seconds, [limit](double each) { return each < limit; });
    CHECK(static_cast<double>(shorter) / 4000 ==
          doctest::Approx(u * std::exp(u) - std::exp(u) + 1).epsilon(0.12));
  }
}

TEST_CASE("the first report comes after half of it") {
  std::vector<double> first;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) first.push_back(intervals(seed, 1)[0]);
  CHECK(std::ranges::min(first) >= 1.026);
  CHECK(std::ranges::max(first) <= 3.079 + 0.005);
  CHECK(mean_of(first) == doctest::Approx(2.5).epsilon(0.03));
}

TEST_CASE("reading and writing reports allocates nothing") {
  Session rtcp;
  rtcp.send(1);
  static_cast<void>(rtcp.reception.note(far_end, {1}));
  const Octets packet = goodbye({third, far_end});
  std::array<std::uint8_t, RtcpSession::longest> out{};
  const std::size_t before = allocation_count();
  for (int i = 0; i < 1000; ++i) {
    rtcp.now += 100ms;
    static_cast<void>(rtcp.session.receive(packet, own, rtcp.now, far_end));
    if (rtcp.session.is_due(rtcp.now)) static_cast<void>(rtcp.session.write_report(rtcp.standing(), out));
  }
  static_cast<void>(rtcp.session.write_goodbye(rtcp.standing(), out));
  CHECK(allocation_count() == before);
  CHECK(out[1] == 201);
}
