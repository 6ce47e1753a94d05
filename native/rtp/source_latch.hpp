#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/drop.hpp"
#include "core/sequence.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "rtp/address.hpp"

namespace mediaswitch {

/// Decides from where a channel takes media and to where it sends.
///
/// The signalled address is always taken. A phone behind a NAT sends from another one, which is learnt only
/// while armed: three valid packets in a row from it (one SSRC, rising sequence, an agreed payload type)
/// within two seconds. What was learnt is held until armed again; all else is refused. A packet from the
/// signalled address, or from the one held, ends the learning in its favour.
class SourceLatch {
 public:
  /// Signalling names the far end, and learning is armed. The source held stays in force until another is
  /// learnt when the same address is named again, and is forgotten when it is a new one.
  void target(const Address& signalled);

  struct Evidence {
    Address from;
    Ssrc ssrc;
    SequenceNumber sequence;
    bool is_agreed_payload_type = false;
    Time arrived;
  };

  /// nullopt: the packet is from the far end. Else NoTarget, SourceUnconfirmed or UnknownSource.
  std::optional<Drop> check(const Evidence& packet);

  /// Where to send: what was learnt, else what was signalled. nullopt before `target`.
  [[nodiscard]] const std::optional<Address>& destination() const { return learnt_ ? learnt_ : signalled_; }

  /// True the first time it is asked about an address; a few addresses are remembered, then it stays false.
  bool is_news(const Address& rejected);

 private:
  struct Candidate {
    Address from;
    Ssrc ssrc;
    SequenceNumber last;
    unsigned packets = 0;
    Time first;
  };

  std::optional<Drop> consider(const Evidence& packet);
  void end_learning();

  std::optional<Address> signalled_;
  std::optional<Address> learnt_;
  bool is_armed_ = false;
  std::array<std::optional<Candidate>, 4> candidates_;
  std::array<Address, 8> announced_{};
  std::size_t announced_count_ = 0;
};

}  // namespace mediaswitch
