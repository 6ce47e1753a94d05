#include "core/drop.hpp"

#include <doctest/doctest.h>
#include <set>
#include <string>

using namespace mediaswitch;

TEST_CASE("every reason is listed at its own index and has a name of its own") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < all_drops.size(); ++i) {
    CHECK(static_cast<std::size_t>(all_drops[i]) == i);
    CHECK_FALSE(name(all_drops[i]).empty());
    names.insert(name(all_drops[i]));
  }
  CHECK(names.size() == all_drops.size());
  const auto beyond = static_cast<Drop>(all_drops.size());
  CHECK_MESSAGE(name(beyond).empty(), "a reason is missing in all_drops: " << std::string(name(beyond)));
}

TEST_CASE("each reason is counted by itself") {
  DropCounts counts;
  counts.count(Drop::Stun);
  counts.count(Drop::Stun);
  counts.count(Drop::SendFailed);
  CHECK(counts.of(Drop::Stun) == 2);
  CHECK(counts.of(Drop::SendFailed) == 1);
  CHECK(counts.of(Drop::Dtls) == 0);
}
