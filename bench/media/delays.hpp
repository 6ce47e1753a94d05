#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

/// All delays that were measured, in microseconds.
class Delays {
 public:
  void note(std::chrono::nanoseconds delay) {
    const std::int64_t micros = delay.count() / 1000;
    micros_.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(micros, 0, UINT32_MAX)));
  }

  [[nodiscard]] std::size_t count() const { return micros_.size(); }

  /// The least delay that `share` (0–1) of all are not above. There has to be one.
  std::uint32_t quantile(double share) {
    const auto last = static_cast<double>(micros_.size() - 1);
    const auto place = micros_.begin() + static_cast<std::ptrdiff_t>(share * last);
    std::ranges::nth_element(micros_, place);
    return *place;
  }

 private:
  std::vector<std::uint32_t> micros_;
};

}  // namespace bench
