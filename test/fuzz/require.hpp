#pragma once

#include <cstdlib>

namespace mediaswitch::test {

/// What has to hold for every input; the fuzzer keeps an input for which it doesn't.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace mediaswitch::test
