#pragma once

#include <cstdint>

#include "core/sequence.hpp"

namespace mediaswitch {

/// Which of the last 128 sequence numbers of one source were seen: as far back as a packet that is no jump
/// may be (RFC 3550 A.1: 100).
class SequenceWindow {
 public:
  enum class Place : std::uint8_t {
    Newest,   ///< After all that was seen.
    Between,  ///< Not seen yet, but a later one was.
    Seen,     ///< Again.
    Before,   ///< Older than is remembered.
  };

  /// Remembers it as seen.
  Place note(ExtendedSequence sequence) {
    const std::int64_t ahead = sequence.value - newest_.value;
    if (is_empty_ || ahead > 0) {
      advance(is_empty_ ? size : ahead);
      is_empty_ = false;
      newest_ = sequence;
      return Place::Newest;
    }
    if (ahead <= -size) return Place::Before;
    std::uint64_t& word = -ahead < word_size ? late_ : early_;
    const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(-ahead % word_size);
    if ((word & bit) != 0) return Place::Seen;
    word |= bit;
    return Place::Between;
  }

  /// The last that was Newest.
  [[nodiscard]] ExtendedSequence newest() const { return newest_; }

  void clear() { *this = {}; }

 private:
  static constexpr std::int64_t word_size = 64;
  static constexpr std::int64_t size = 2 * word_size;

  void advance(std::int64_t steps) {
    if (steps >= size) {
      early_ = late_ = 0;
    } else if (steps >= word_size) {
      early_ = late_ << static_cast<unsigned>(steps - word_size);
      late_ = 0;
    } else {
      const auto shift = static_cast<unsigned>(steps);
      early_ = early_ << shift | late_ >> (word_size - shift);
      late_ <<= shift;
    }
    late_ |= 1;
  }

  ExtendedSequence newest_{};
  bool is_empty_ = true;
  /// Bit i: newest − i was seen.
  std::uint64_t late_ = 0;
  /// Bit i: newest − 64 − i was seen.
  std::uint64_t early_ = 0;
};

}  // namespace mediaswitch
