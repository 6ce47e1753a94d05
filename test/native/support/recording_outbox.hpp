#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rtp/outbox.hpp"
#include "support/rtp_builder.hpp"

namespace mediaswitch::test {

/// Writes down what a channel did. While `is_counting_only`, without allocating.
class RecordingOutbox final : public Outbox {
 public:
  struct Sent {
    Octets packet;
    Address to;
  };

  std::optional<Drop> send(std::span<const std::uint8_t> packet, const Address& to) override {
    if (refusal) return refusal;
    ++sent_count;
    if (!is_counting_only) sent.push_back({.packet = {packet.begin(), packet.end()}, .to = to});
    return std::nullopt;
  }
  void source_rejected(const Address& from) override {
    if (!is_counting_only) rejected.push_back(from);
  }
  void key_pressed(char key) override {
    if (!is_counting_only) keys.push_back(key);
  }

  std::optional<Drop> refusal;
  bool is_counting_only = false;
  std::size_t sent_count = 0;
  std::vector<Sent> sent;
  std::vector<Address> rejected;
  std::string keys;
};

}  // namespace mediaswitch::test
