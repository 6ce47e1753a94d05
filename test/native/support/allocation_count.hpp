#pragma once

#include <cstddef>

namespace mediaswitch::test {

/// How often memory was asked for since the program began, by all threads: malloc and everything over it.
std::size_t allocation_count();

}  // namespace mediaswitch::test
