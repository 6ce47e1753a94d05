#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace bench {

enum class Coding : std::uint8_t { Pcmu, Pcma, G722, Ilbc20 };

/// One stream in and one out: what a telephone is to the server.
struct Flow {
  std::uint16_t local_port = 0;
  std::string server_address;
  std::uint16_t server_port = 0;
  Coding coding = Coding::Pcmu;
  std::uint8_t payload_type = 0;
  /// 10, 20, 30, 40 or 60.
  unsigned ptime_millis = 20;
  /// Flows with the same number hear each other. A pair is a bridge, more are a conference.
  std::uint32_t group = 0;
};

std::optional<Coding> coding_named(const std::string& name);

/// One flow a line: `local port, server address, server port, coding, payload type, ptime, group`, parted by
/// spaces. Lines that are empty or begin with # are left out.
/// @throws std::runtime_error naming the line that can't be read.
std::vector<Flow> read_flows(std::istream& input);

}  // namespace bench
