#include "audio/sum.hpp"

#include <algorithm>
#include <cstddef>
#include <doctest/doctest.h>
#include <vector>

#include "core/random.hpp"
#include "support/allocation_count.hpp"

using namespace mediaswitch;

namespace {

/// Any sample, now and then the loudest there are.
std::int16_t any_sample(Random& random) {
  switch (random.next16() % 16) {
    case 0: return -32768;
    case 1: return 32767;
    default: return static_cast<std::int16_t>(random.next16());
  }
}

Frame any_frame(Random& random, ClockRate sampling) {
  Frame frame{.sampling = sampling, .samples = {}};
  for (std::int16_t& sample : frame.pcm()) sample = any_sample(random);
  return frame;
}

/// The sum of all but one, sample by sample; nobody is left out when `but` is none of them.
std::vector<std::int16_t> naive_sum(const std::vector<Frame>& frames, std::size_t but) {
  std::vector<std::int16_t> sum;
  for (std::size_t at = 0; at < frames[0].size(); ++at) {
    std::int64_t total = 0;
    for (std::size_t who = 0; who < frames.size(); ++who) {
      if (who != but) total += frames[who].samples[at];
    }
    sum.push_back(static_cast<std::int16_t>(std::clamp<std::int64_t>(total, -32768, 32767)));
  }
  return sum;
}

std::vector<std::int16_t> samples_of(const Frame& frame) { return {frame.pcm().begin(), frame.pcm().end()}; }

Sum sum_of(const std::vector<Frame>& frames) {
  Sum sum;
  sum.set(frames[0].pcm());
  for (std::size_t i = 1; i < frames.size(); ++i) sum.add(frames[i].pcm());
  return sum;
}

Frame filled_with(std::int16_t sample) {
  Frame frame;
  frame.samples.fill(sample);
  return frame;
}

}  // namespace

TEST_CASE("the sum, and the sum without each, are what adding one sample after the other gives") {
  Random random({20, 6, 19, 72});
  for (int round = 0; round < 200; ++round) {
    const ClockRate sampling = round % 2 == 0 ? narrowband : wideband;
    const std::size_t count = 1 + random.next16() % 12;
    std::vector<Frame> frames;
    for (std::size_t i = 0; i < count; ++i) frames.push_back(any_frame(random, sampling));
    const Sum sum = sum_of(frames);
    Frame out{.sampling = sampling, .samples = {}};
    sum.total(out.pcm());
    REQUIRE(samples_of(out) == naive_sum(frames, count));
    for (std::size_t own = 0; own < count; ++own) {
      sum.without(frames[own].pcm(), out.pcm());
      REQUIRE(samples_of(out) == naive_sum(frames, own));
    }
  }
}

TEST_CASE("what is too loud is cut once, after taking out what is one's own") {
  const Frame loud = filled_with(30000);
  const Frame louder = filled_with(32767);
  const Frame opposite = filled_with(-32768);
  const Sum sum = sum_of({loud, louder, opposite});
  Frame out;
  sum.total(out.pcm());
  CHECK(out.samples[0] == 29999);
  sum.without(opposite.pcm(), out.pcm());
  CHECK(out.samples[0] == 32767);
  sum.without(louder.pcm(), out.pcm());
  CHECK(out.samples[0] == -2768);
  const Sum low = sum_of({opposite, opposite, loud});
  low.without(loud.pcm(), out.pcm());
  CHECK(out.samples[0] == -32768);
}

TEST_CASE("as many as have room in a count of 16 bits may shout at once") {
  const Frame opposite = filled_with(-32768);
  Sum sum;
  sum.set(opposite.pcm());
  for (int i = 1; i < 65536; ++i) sum.add(opposite.pcm());
  Frame out;
  sum.total(out.pcm());
  CHECK(out.samples[159] == -32768);
}

TEST_CASE("a sum begun anew knows nothing of the one before") {
  Sum sum = sum_of({filled_with(100), filled_with(200)});
  sum.set(filled_with(5).pcm());
  Frame out;
  sum.total(out.pcm());
  CHECK(out.samples[0] == 5);
  CHECK(out.samples[159] == 5);
}

TEST_CASE("summing does not allocate") {
  const Frame frame = filled_with(1000);
  Frame out;
  Sum sum;
  const std::size_t before = test::allocation_count();
  sum.set(frame.pcm());
  sum.add(frame.pcm());
  sum.total(out.pcm());
  sum.without(frame.pcm(), out.pcm());
  CHECK(test::allocation_count() == before);
}
