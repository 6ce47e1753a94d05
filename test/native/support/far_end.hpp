#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "support/rtp_builder.hpp"

namespace mediaswitch::test {

/// A UDP socket on 127.0.0.1 that plays the phone, made of plain system calls.
class FarEnd {
 public:
  FarEnd();
  FarEnd(const FarEnd&) = delete;
  FarEnd& operator=(const FarEnd&) = delete;
  FarEnd(FarEnd&&) = delete;
  FarEnd& operator=(FarEnd&&) = delete;
  ~FarEnd();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void send(std::span<const std::uint8_t> packet, std::uint16_t to_port) const;
  /// nullopt: nothing came in time.
  [[nodiscard]] std::optional<Octets> receive(std::chrono::milliseconds patience = std::chrono::seconds{
                                                  5}) const;
  /// The same without allocating: only whether something came.
  [[nodiscard]] bool receives(std::chrono::milliseconds patience = std::chrono::seconds{5}) const;

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

}  // namespace mediaswitch::test
