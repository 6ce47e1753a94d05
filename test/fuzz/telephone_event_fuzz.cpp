// Arbitrary octets as telephone-events: a payload reads the same after it was written, and in a whole session
// of them each key that is told as pressed is told as released once.
//
// A packet of the session is ten octets: which source, how much later, timestamp, payload.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "require.hpp"
#include "rtp/key_presses.hpp"
#include "rtp/telephone_event.hpp"

using namespace mediaswitch;
using mediaswitch::test::require;

namespace {

constexpr ClockRate clock_rate{8000};
constexpr std::size_t packet_size = 10;

void check_round_trip(const TelephoneEvent& event) {
  std::array<std::uint8_t, telephone_event_size> written{};
  write_telephone_event(event, written);
  require(read_telephone_event(written) == event);
  const auto key = key_of(event);
  if (key) require(event_of(*key) == event.event);
}

/// Keys that are held, by what was told: one at most. A press that arrives after a later one is told together
/// with its release.
class Keys {
 public:
  void tell(const KeyNews& news) {
    if (news.given_up) release(*news.given_up);
    if (news.pressed) {
      require(event_of(*news.pressed).has_value());
      ++held_;
    }
    if (news.released) release(*news.released);
    require(held_ <= 1);
  }
  void release(const KeyRelease& release) {
    require(held_ > 0 && release.held.count() >= 0);
    --held_;
  }
  [[nodiscard]] unsigned held() const { return held_; }

 private:
  unsigned held_ = 0;
};

void check_session(std::span<const std::uint8_t> octets) {
  KeyPresses presses;
  Keys keys;
  Time now(std::chrono::hours(1));
  while (octets.size() >= packet_size) {
    const auto packet = octets.first(packet_size);
    octets = octets.subspan(packet_size);
    now += std::chrono::milliseconds(packet[1] * 4);
    const RtpTimestamp timestamp{static_cast<std::uint32_t>(packet[2] << 24U | packet[3] << 16U) |
                                 static_cast<std::uint32_t>(packet[4] << 8U | packet[5])};
    const auto event = read_telephone_event(packet.subspan(6));
    require(event.has_value());
    keys.tell(presses.note(
        {.ssrc = {packet[0] % 4U}, .timestamp = timestamp, .event = *event, .arrived = now}, clock_rate));
    if (const auto released = presses.expire(now, clock_rate)) keys.release(*released);
  }
  if (const auto released = presses.expire(now + std::chrono::hours(1), clock_rate)) keys.release(*released);
  require(keys.held() == 0);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span octets(data, size);
  const auto event = read_telephone_event(octets);
  require(event.has_value() == (size >= telephone_event_size));
  if (event) check_round_trip(*event);
  check_session(octets);
  return 0;
}
