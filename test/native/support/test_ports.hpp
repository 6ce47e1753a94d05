#pragma once

#include <cstdint>
#include <unistd.h>

namespace mediaswitch::test {

/// A thousand ports of this process's own, more or less: below those that systems hand out by themselves, and
/// chosen by the process number, so that test programs side by side seldom meet.
inline std::uint16_t test_port(std::uint16_t offset) {
  constexpr int first = 20000;
  constexpr int blocks = 12;
  return static_cast<std::uint16_t>(first + getpid() % blocks * 1000 + offset);
}

}  // namespace mediaswitch::test
