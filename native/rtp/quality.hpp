#pragma once

#include <cstdint>
#include <optional>

#include "codecs/registry.hpp"
#include "core/time.hpp"

namespace mediaswitch {

/// What is known of how a stream got through.
struct Passage {
  AudioFormat format = AudioFormat::Pcmu;
  /// Packets that the sender sent, as far as their sequence numbers tell.
  std::uint64_t expected = 0;
  /// Those of them that were not heard: never came, or came too late.
  std::uint64_t lost = 0;
  /// `LossPattern::burst_ratio`. nullopt: taken as lost at random.
  std::optional<double> burst_ratio = std::nullopt;
  /// From mouth to ear.
  std::optional<Millis> one_way_delay = std::nullopt;
  /// What whoever listens puts in place of a lost packet.
  enum class Gaps : std::uint8_t { Concealed, Silent };
  Gaps gaps = Gaps::Concealed;
};

struct Quality {
  /// 0 (useless) to 100; 93.2 is the best that narrowband can be.
  double r_factor = 0;
  /// 1 to 4.5: what listeners would say on the scale of five (ITU-T P.800).
  double mos = 0;
};

/// By the E-model (ITU-T G.107), with the Recommendation's own values for all that no packet tells: room
/// noise, loudness, echo. With a delay it is the quality of a conversation, without of listening (RFC 3611
/// §4.7.5, MOS-CQ and MOS-LQ).
///
/// Wideband formats are rated by ITU-T G.107.1, R divided by 1.29 as its annex A does: in the eyes of people
/// who are used to wideband. Their numbers and those of narrowband ones are not to be compared.
///
/// nullopt: no packet was expected, so nothing was measured.
std::optional<Quality> quality_of(const Passage& passage);

}  // namespace mediaswitch
