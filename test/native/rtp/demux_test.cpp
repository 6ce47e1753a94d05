#include "rtp/demux.hpp"

#include <array>
#include <doctest/doctest.h>

using namespace mediaswitch;

TEST_CASE("the first octet tells the protocol (RFC 7983 §7)") {
  struct Row {
    int low;
    int high;
    DatagramKind kind;
  };
  constexpr std::array rows{
      Row{0, 3, DatagramKind::Stun},
      Row{4, 15, DatagramKind::Unknown},
      Row{16, 19, DatagramKind::Zrtp},
      Row{20, 63, DatagramKind::Dtls},
      Row{64, 79, DatagramKind::TurnChannel},
      Row{80, 127, DatagramKind::Unknown},
      Row{128, 191, DatagramKind::Rtp},
      Row{192, 255, DatagramKind::Unknown},
  };
  for (const Row& row : rows) {
    for (int first = row.low; first <= row.high; ++first) {
      const std::array<std::uint8_t, 2> octets{static_cast<std::uint8_t>(first), 0};
      CHECK(kind_of(octets) == row.kind);
    }
  }
}

TEST_CASE("the second octet tells RTCP from RTP (RFC 5761 §4)") {
  for (int second = 0; second < 256; ++second) {
    const std::array<std::uint8_t, 2> octets{0x80, static_cast<std::uint8_t>(second)};
    CHECK(kind_of(octets) == (second >= 192 && second <= 223 ? DatagramKind::Rtcp : DatagramKind::Rtp));
  }
}

TEST_CASE("nothing and one octet are safe") {
  CHECK(kind_of({}) == DatagramKind::Unknown);
  const std::array<std::uint8_t, 1> one{0x80};
  CHECK(kind_of(one) == DatagramKind::Rtp);
}
