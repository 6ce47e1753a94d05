// Arbitrary datagrams of every protocol that shares a media port, to both ports of two channels that hear
// each other, from their far ends and from strangers, while time goes on: what came is forwarded, consumed or
// dropped, and nothing is lost from the books.
//
// The first octet tells which formats the two speak; then each datagram has two octets before it: to whom and
// from whom, how many octets it has. With some of them 20 ms go by.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codecs/registry.hpp"
#include "core/random.hpp"
#include "require.hpp"
#include "rtp/channel.hpp"
#include "rtp/demux.hpp"
#include "rtp/group.hpp"
#include "rtp/outbox.hpp"
#include "rtp/packet.hpp"
#include "support/addresses.hpp"

using namespace mediaswitch;
using mediaswitch::test::address;
using mediaswitch::test::require;

namespace {

/// Looks at what is sent, and keeps nothing.
class CheckingOutbox final : public Outbox {
 public:
  std::optional<Drop> send(std::span<const std::uint8_t> packet, const Address& /*to*/) override {
    const DatagramKind kind = kind_of(packet);
    require(packet.size() > rtp_header_size && (kind == DatagramKind::Rtp || kind == DatagramKind::Rtcp));
    return std::nullopt;
  }
  std::optional<Drop> send_control(std::span<const std::uint8_t> packet, const Address& /*to*/) override {
    require(kind_of(packet) == DatagramKind::Rtcp);
    return std::nullopt;
  }
  void source_rejected(const Address& /*from*/) override {}
  void key_pressed(char /*key*/, KeySource /*source*/) override {}
  void key_released(char /*key*/, Millis /*held*/) override {}
  void play_ended(PlayEnd /*reason*/) override {}
  void needs_arranging() override { is_to_arrange = true; }
  void read(Reading /*when*/) override {}
  void read_gathered() override {}

  bool is_to_arrange = false;
};

RemoteMedia remote_of(const Address& at, unsigned format) {
  RemoteMedia remote;
  remote.address = at;
  remote.formats = {
      {.payload_type = {96}, .format = formats[format % formats.size()].format, .receive = std::nullopt},
      {.payload_type = {0}, .format = AudioFormat::Pcmu, .receive = std::nullopt}};
  remote.telephone_event = RemoteMedia::TelephoneEvents{.send = {101}, .receive = {101}};
  remote.comfort_noise = PayloadType{13};
  remote.has_rtcp_mux = format % 2 == 0;
  return remote;
}

void check_books(const Channel& channel) {
  const Statistics statistics = channel.statistics();
  std::uint64_t dropped = 0;
  for (const Drop drop : all_drops) dropped += statistics.dropped.of(drop);
  require(statistics.datagrams == statistics.forwarded + statistics.consumed + dropped);
}

/// Two channels with their group, or three where `variant` is odd: then they are mixed.
struct Call {
  std::array<CheckingOutbox, 3> outboxes;
  std::array<Channel, 3> channels{Channel({1}, outboxes[0], Random({1, 0, 0, 0})),
                                  Channel({2}, outboxes[1], Random({2, 0, 0, 0})),
                                  Channel({3}, outboxes[2], Random({3, 0, 0, 0}))};
  Group group;
  Time now{std::chrono::hours(1)};

  explicit Call(std::uint8_t variant) {
    const std::size_t members = variant % 2 == 0 ? 2 : 3;
    for (std::size_t i = 0; i < members; ++i) {
      channels[i].target(remote_of(address(static_cast<std::uint8_t>(i + 1)), (variant >> (2 * i)) & 7U));
      group.add(channels[i]);
    }
    group.arrange();
  }

  void receive(std::uint8_t way, std::span<const std::uint8_t> octets) {
    std::vector<std::uint8_t> buffer(octets.begin(), octets.end());
    Channel& channel = channels[way & 1U];
    const Address from = address(static_cast<std::uint8_t>((way & 1U) + ((way & 6U) == 6U ? 100 : 1)));
    const Datagram datagram{.octets = buffer, .from = from, .arrived = now};
    if ((way & 8U) != 0) {
      channel.receive_control(datagram);
    } else {
      channel.receive(datagram);
    }
    if (way >= 128) tick();
    arrange();
  }

  void tick() {
    now += std::chrono::milliseconds(20);
    if (group.wants_ticks()) group.tick(now, std::chrono::nanoseconds(0));
    for (Channel& channel : channels) {
      (void)channel.pass_time(now, Millis(20));
      channel.report(now, 0x0102030405060708);
    }
  }

  void arrange() {
    bool is_wanted = false;
    for (CheckingOutbox& outbox : outboxes) {
      is_wanted = is_wanted || outbox.is_to_arrange;
      outbox.is_to_arrange = false;
    }
    if (is_wanted) group.arrange();
  }

  ~Call() {
    for (Channel& channel : channels) {
      if (channel.group() == nullptr) continue;
      group.remove(channel);
      group.arrange();
    }
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  Call(Call&&) = delete;
  Call& operator=(Call&&) = delete;
};

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::span<const std::uint8_t> rest(data, size);
  if (rest.empty()) return 0;
  Call call(rest[0]);
  rest = rest.subspan(1);
  while (rest.size() >= 2) {
    const std::uint8_t way = rest[0];
    const std::size_t length = std::min<std::size_t>(rest[1], rest.size() - 2);
    call.receive(way, rest.subspan(2, length));
    rest = rest.subspan(2 + length);
  }
  call.tick();
  for (const Channel& channel : call.channels) check_books(channel);
  return 0;
}
