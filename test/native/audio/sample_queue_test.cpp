#include "audio/sample_queue.hpp"

#include <array>
#include <doctest/doctest.h>
#include <numeric>
#include <vector>

using namespace mediaswitch;

namespace {

void append_counting(SampleQueue& queue, std::int16_t first, std::size_t count) {
  const auto room = queue.room().first(count);
  std::iota(room.begin(), room.end(), first);
  queue.append(count);
}

}  // namespace

TEST_CASE("samples come out in the order they went in") {
  SampleQueue queue(10);
  append_counting(queue, 1, 6);
  std::array<std::int16_t, 4> out{};
  CHECK(queue.take(out));
  CHECK(out == std::array<std::int16_t, 4>{1, 2, 3, 4});
  append_counting(queue, 7, 2);
  CHECK(queue.take(out));
  CHECK(out == std::array<std::int16_t, 4>{5, 6, 7, 8});
  CHECK(queue.is_empty());
}

TEST_CASE("silence is silence until audio comes after it") {
  SampleQueue queue(10);
  std::array<std::int16_t, 2> out{9, 9};
  queue.append_silence(4);
  CHECK_FALSE(queue.is_audible());
  CHECK_FALSE(queue.take(out));
  CHECK(out[0] == 9);
  append_counting(queue, 1, 1);
  queue.append_silence(3);
  CHECK(queue.take(out));
  CHECK(out == std::array<std::int16_t, 2>{0, 0});
  CHECK(queue.take(out));
  CHECK(out == std::array<std::int16_t, 2>{1, 0});
  CHECK_FALSE(queue.is_audible());
  CHECK_FALSE(queue.take(out));
  CHECK(queue.is_empty());
}

TEST_CASE("samples can be taken out of the middle and off the end") {
  SampleQueue queue(10);
  append_counting(queue, 1, 8);
  queue.erase(2, 3);
  queue.drop_last(1);
  const auto left = queue.contents();
  CHECK(std::vector<std::int16_t>(left.begin(), left.end()) == std::vector<std::int16_t>{1, 2, 6, 7});
  CHECK(queue.room().size() == 6);
  CHECK(queue.is_audible());
  queue.append_silence(2);
  queue.erase(0, 4);
  CHECK_FALSE(queue.is_audible());
  queue.clear();
  CHECK(queue.is_empty());
}
