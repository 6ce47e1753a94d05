#include "rtp/jitter_buffer.hpp"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <vector>

#include "core/random.hpp"
#include "support/allocation_count.hpp"

using namespace mediaswitch;
using mediaswitch::test::allocation_count;

namespace {

bool insert(JitterBuffer& buffer, std::int64_t begin, std::int64_t sequence, std::uint8_t content = 0) {
  const std::array<std::uint8_t, 4> octets{content, 1, 2, 3};
  return buffer.insert({.sequence = {sequence},
                        .begin = MediaSpan{begin},
                        .end = MediaSpan{begin + 320},
                        .octets = std::span(octets).first(1 + content % 4U)});
}

std::vector<std::int64_t> drain(JitterBuffer& buffer) {
  std::vector<std::int64_t> sequences;
  for (; !buffer.is_empty(); buffer.pop()) sequences.push_back(buffer.first()->sequence.value);
  return sequences;
}

}  // namespace

TEST_CASE("pieces come out in the order of their time, then of their packets") {
  JitterBuffer buffer({.slots = 6, .octets_per_slot = 4});
  CHECK(buffer.first() == nullptr);
  CHECK(insert(buffer, 640, 3));
  CHECK(insert(buffer, 0, 1));
  CHECK(insert(buffer, 960, 4));
  CHECK(insert(buffer, 320, 2));
  CHECK(insert(buffer, 640, 2));
  CHECK(insert(buffer, -320, 9));
  CHECK(drain(buffer) == std::vector<std::int64_t>{9, 1, 2, 2, 3, 4});
}

TEST_CASE("a full buffer takes nothing more until something is taken out") {
  JitterBuffer buffer({.slots = 2, .octets_per_slot = 4});
  CHECK(insert(buffer, 0, 1));
  CHECK(insert(buffer, 320, 2));
  CHECK(buffer.free_slots() == 0);
  CHECK_FALSE(insert(buffer, 640, 3));
  buffer.pop();
  CHECK(insert(buffer, 640, 3));
  CHECK(drain(buffer) == std::vector<std::int64_t>{2, 3});
  CHECK(insert(buffer, 0, 4));
  buffer.clear();
  CHECK(buffer.is_empty());
  CHECK(buffer.free_slots() == 2);
}

TEST_CASE("each piece keeps its own octets through any order of coming and going, without an allocation") {
  JitterBuffer buffer({.slots = 7, .octets_per_slot = 4});
  Random random({1, 2, 3, 4});
  std::int64_t played = 0;
  const std::size_t before = allocation_count();
  bool is_right = true;
  for (int i = 0; i < 20000; ++i) {
    if (random.next32() % 2 == 0) {
      const std::int64_t begin = played + random.next32() % 10;
      insert(buffer, begin, begin, static_cast<std::uint8_t>(begin));
    } else if (!buffer.is_empty()) {
      const JitterBuffer::Piece& first = *buffer.first();
      const auto content = static_cast<std::uint8_t>(first.begin.count());
      is_right &= first.begin.count() >= played && first.octets.size() == 1 + content % 4U &&
                  first.octets[0] == content;
      played = first.begin.count();
      buffer.pop();
    }
  }
  CHECK(allocation_count() == before);
  CHECK(is_right);
  CHECK(played > 1000);
}
