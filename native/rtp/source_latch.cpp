#include "rtp/source_latch.hpp"

#include <algorithm>
#include <span>

namespace mediaswitch {
namespace {

constexpr unsigned packets_to_confirm = 3;
constexpr std::chrono::seconds confirm_within{2};

}  // namespace

void SourceLatch::target(const Address& signalled) {
  if (signalled_ != signalled) learnt_.reset();
  signalled_ = signalled;
  is_armed_ = true;
  candidates_.fill(std::nullopt);
}

std::optional<Drop> SourceLatch::check(const Evidence& packet) {
  if (!signalled_) return Drop::NoTarget;
  if (packet.from == *signalled_) {
    learnt_.reset();
    end_learning();
    return std::nullopt;
  }
  if (learnt_ && packet.from == *learnt_) {
    end_learning();
    return std::nullopt;
  }
  if (!is_armed_) return Drop::UnknownSource;
  return consider(packet);
}

std::optional<Drop> SourceLatch::consider(const Evidence& packet) {
  const auto is_over = [&packet](const std::optional<Candidate>& candidate) {
    return !candidate || packet.arrived - candidate->first > confirm_within;
  };
  const auto is_same = [&packet](const std::optional<Candidate>& candidate) {
    return candidate && candidate->from == packet.from;
  };
  auto* place = std::ranges::find_if(candidates_, is_same);
  if (place == candidates_.end()) place = std::ranges::find_if(candidates_, is_over);
  if (place == candidates_.end()) return Drop::UnknownSource;

  if (!packet.is_agreed_payload_type) {
    place->reset();
    return Drop::UnknownSource;
  }
  const bool goes_on = is_same(*place) && !is_over(*place) && (*place)->ssrc == packet.ssrc &&
                       is_after(packet.sequence, (*place)->last);
  if (!goes_on) {
    *place = Candidate{.from = packet.from,
                       .ssrc = packet.ssrc,
                       .last = packet.sequence,
                       .packets = 1,
                       .first = packet.arrived};
    return Drop::SourceUnconfirmed;
  }
  (*place)->last = packet.sequence;
  ++(*place)->packets;
  if ((*place)->packets < packets_to_confirm) return Drop::SourceUnconfirmed;
  learnt_ = packet.from;
  end_learning();
  return std::nullopt;
}

void SourceLatch::end_learning() {
  is_armed_ = false;
  candidates_.fill(std::nullopt);
}

bool SourceLatch::is_news(const Address& rejected) {
  const auto known = std::span(announced_).first(announced_count_);
  if (known.size() == announced_.size() || std::ranges::find(known, rejected) != known.end()) {
    return false;
  }
  announced_[announced_count_] = rejected;
  ++announced_count_;
  return true;
}

}  // namespace mediaswitch
