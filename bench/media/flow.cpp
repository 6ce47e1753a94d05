#include "flow.hpp"

#include <sstream>
#include <stdexcept>

namespace bench {

std::optional<Coding> coding_named(const std::string& name) {
  if (name == "PCMU") return Coding::Pcmu;
  if (name == "PCMA") return Coding::Pcma;
  if (name == "G722") return Coding::G722;
  if (name == "iLBC/20") return Coding::Ilbc20;
  return std::nullopt;
}

std::vector<Flow> read_flows(std::istream& input) {
  std::vector<Flow> flows;
  std::string line;
  while (std::getline(input, line)) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    Flow flow;
    std::string coding;
    unsigned payload_type = 0;
    words >> flow.local_port >> flow.server_address >> flow.server_port >> coding >> payload_type >>
        flow.ptime_millis >> flow.group;
    const auto known = coding_named(coding);
    const bool is_whole =
        flow.ptime_millis >= 10 && flow.ptime_millis % 10 == 0 && 120 % flow.ptime_millis == 0;
    const bool is_ilbc_whole = known != Coding::Ilbc20 || flow.ptime_millis % 20 == 0;
    if (!words || !known || payload_type > 127 || !is_whole || !is_ilbc_whole) {
      throw std::runtime_error("this is no flow: " + line);
    }
    flow.coding = *known;
    flow.payload_type = static_cast<std::uint8_t>(payload_type);
    flows.push_back(flow);
  }
  return flows;
}

}  // namespace bench
