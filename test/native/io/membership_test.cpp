#include "io/membership.hpp"

#include <doctest/doctest.h>

using namespace mediaswitch;

TEST_CASE("two join, a third joins either of them, and who is left alone is in no group") {
  Membership groups;
  CHECK_FALSE(groups.has_others({1}));
  groups.join({1}, {2});
  CHECK(groups.are_together({1}, {2}));
  groups.join({3}, {2});
  CHECK(groups.are_together({1}, {3}));
  groups.join({1}, {3});
  groups.part({2});
  CHECK_FALSE(groups.has_others({2}));
  CHECK(groups.are_together({1}, {3}));
  groups.part({1});
  CHECK_FALSE(groups.has_others({3}));
  groups.part({3});
  groups.part({9});
}

TEST_CASE("groups are kept apart, and a channel can go from one to another") {
  Membership groups;
  groups.join({1}, {2});
  groups.join({3}, {4});
  CHECK_FALSE(groups.are_together({1}, {3}));
  groups.part({2});
  groups.join({2}, {3});
  CHECK(groups.are_together({2}, {4}));
  CHECK_FALSE(groups.has_others({1}));
}
