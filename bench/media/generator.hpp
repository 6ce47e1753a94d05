#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <sys/types.h>
#include <unordered_map>
#include <vector>

#include "burst_watch.hpp"
#include "delays.hpp"
#include "far_ends.hpp"
#include "fate.hpp"
#include "flow.hpp"
#include "packet_mark.hpp"
#include "payloads.hpp"

namespace bench {

/// How a delay is measured.
enum class Measure : std::uint8_t {
  /// By a mark in each packet: where a server relays, or changes one G.711 law into the other.
  Marks,
  /// By bursts in what members of a group murmur: where it mixes.
  Bursts,
  Nothing,
};

struct Plan {
  std::chrono::milliseconds warm_up{2000};
  std::chrono::milliseconds measured{5000};
  /// Packets leave at whole multiples of this.
  std::chrono::microseconds slot{250};
  Measure measure = Measure::Marks;
  Network network;
  std::uint64_t seed = 1;
  /// Never sleeps, so that waking it is not among the costs of the server's sending. Wants a processor to
  /// itself.
  bool is_spinning = true;
  /// Whose processor time is measured; 0: nobody's.
  pid_t server = 0;
};

/// Counts of one flow while measured. What is received is what the flow's telephone hears.
struct FlowCounts {
  /// Packets that were given to the system.
  std::uint64_t sent = 0;
  /// Packets of the stream that were left out on purpose.
  std::uint64_t lost = 0;
  /// Second copies among `sent`.
  std::uint64_t duplicated = 0;
  std::uint64_t received = 0;
  /// Packets that came a second time, told by their mark.
  std::uint64_t received_again = 0;
};

struct Outcome {
  std::vector<FlowCounts> flows;
  Delays delays;
  std::chrono::nanoseconds elapsed{};
  std::chrono::nanoseconds server_cpu{};
  std::chrono::nanoseconds own_cpu{};
  /// By how much the worst packet left after its time.
  std::chrono::nanoseconds latest{};
  /// Datagrams from ports that belong to no flow, or that are no RTP.
  std::uint64_t strange = 0;
  std::uint64_t rtcp = 0;
  std::uint64_t refused = 0;
};

/// Sends every flow's packets at their time, spread evenly over the packet length, and takes what comes back.
class Generator {
 public:
  Generator(const std::vector<Flow>& flows, const Payloads& payloads, const Plan& plan, FarEnds& far_ends);

  /// Takes `warm_up` + `measured`, and half a second to wait for what is under way.
  Outcome run();

 private:
  struct Stream {
    const Flow* flow;
    std::size_t socket;
    SocketAddress server;
    Fates fates;
    std::uint32_t ssrc;
    /// Of the next packet, also those that are lost on purpose.
    std::uint64_t packets;
    std::uint16_t first_sequence;
    std::uint64_t loop_offset;
    std::vector<WallTime> sent_at;
    std::vector<std::uint32_t> heard;
  };
  struct Due {
    std::uint32_t flow;
    std::uint64_t packet;
    bool is_copy;
  };

  void schedule_streams();
  void begin_packet(std::uint32_t index, std::uint64_t slot);
  void send_slot(std::uint64_t slot);
  void compose(const Due& due);
  void note_sent(const FarEnds::Sent& sent);
  void take(const FarEnds::Arrived& arrived);
  void take_mark(std::uint32_t hearer, const PacketMark& mark, WallTime at);
  [[nodiscard]] bool is_burst(const Stream& stream, std::uint64_t packet) const;
  [[nodiscard]] std::uint64_t slots_in(std::chrono::microseconds length) const {
    return static_cast<std::uint64_t>(length / plan_.slot);
  }
  std::vector<Due>& wheel(std::uint64_t slot) { return wheel_[slot % wheel_.size()]; }

  const std::vector<Flow>& flows_;
  const Payloads& payloads_;
  Plan plan_;
  FarEnds& far_ends_;
  FarEnds::OnSent on_sent_;
  FarEnds::OnArrived on_arrived_;
  std::vector<Stream> streams_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_port_;
  /// Packets to send in a slot, and the streams whose next packet is made in it.
  std::vector<std::vector<Due>> wheel_;
  std::vector<std::vector<std::uint32_t>> beginnings_;
  BurstWatch bursts_;
  bool is_measuring_ = false;
  WallTime measured_from_{};
  Outcome outcome_;
};

}  // namespace bench
