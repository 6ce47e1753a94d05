#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rtp/key_presses.hpp"
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
  std::optional<Drop> send_control(std::span<const std::uint8_t> packet, const Address& to) override {
    if (refusal) return refusal;
    if (!is_counting_only) control.push_back({.packet = {packet.begin(), packet.end()}, .to = to});
    return std::nullopt;
  }
  void source_rejected(const Address& from) override {
    if (!is_counting_only) rejected.push_back(from);
  }
  void key_pressed(char key, KeySource /*source*/) override {
    if (!is_counting_only) keys.push_back(key);
  }
  void key_released(char key, Millis held) override {
    if (!is_counting_only) releases.push_back({.key = key, .held = held});
  }
  void play_ended(PlayEnd reason) override {
    if (!is_counting_only) play_ends.push_back(reason);
  }
  void needs_arranging() override { ++arrangements_asked; }
  void read(Reading when) override { reading = when; }
  void read_gathered() override { ++readings_asked; }

  std::optional<Drop> refusal;
  bool is_counting_only = false;
  std::size_t sent_count = 0;
  std::vector<Sent> sent;
  std::vector<Address> rejected;
  std::string keys;
  std::vector<KeyRelease> releases;
  std::vector<PlayEnd> play_ends;
  std::vector<Sent> control;
  std::size_t arrangements_asked = 0;
  Reading reading = Reading::AtOnce;
  std::size_t readings_asked = 0;
};

}  // namespace mediaswitch::test
