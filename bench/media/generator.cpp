#include "generator.hpp"

#include <algorithm>
#include <unistd.h>

#include "core/bit_field.hpp"
#include "core/random.hpp"
#include "server_cpu.hpp"

namespace bench {
namespace {

using mediaswitch::BitField;
using mediaswitch::WordField;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr std::size_t rtp_header_size = 12;
constexpr BitField version_field{.octet = 0, .shift = 6, .width = 2};
constexpr BitField payload_type_field{.octet = 1, .shift = 0, .width = 7};
constexpr WordField<std::uint16_t> sequence_field{.octet = 2};
constexpr WordField<std::uint32_t> timestamp_field{.octet = 4};
constexpr WordField<std::uint32_t> ssrc_field{.octet = 8};

/// All formats here have an RTP clock of 8000 Hz, G.722 too (RFC 3551 §4.5.2).
constexpr std::uint64_t ticks_per_milli = 8;

/// Packets whose time of sending is remembered, per stream.
constexpr std::size_t remembered = 512;

constexpr std::chrono::milliseconds wait_for_last{500};

/// Tens of milliseconds between the turns of two members of a group to begin a burst.
constexpr std::uint64_t turn = 40;

}  // namespace

Generator::Generator(const std::vector<Flow>& flows,
                     const Payloads& payloads,
                     const Plan& plan,
                     FarEnds& far_ends)
    : flows_(flows),
      payloads_(payloads),
      plan_(plan),
      far_ends_(far_ends),
      on_sent_([this](const FarEnds::Sent& sent) { note_sent(sent); }),
      on_arrived_([this](const FarEnds::Arrived& arrived) { take(arrived); }) {
  mediaswitch::Random random({plan.seed, 2, 3, 4});
  std::unordered_map<std::uint32_t, std::uint64_t> members;
  for (const Flow& flow : flows_) {
    const auto index = static_cast<std::uint32_t>(streams_.size());
    const std::size_t socket = far_ends_.open(flow.local_port);
    by_port_[(std::uint64_t{socket} << 16U) | flow.server_port] = index;
    const std::uint64_t place = members[flow.group]++;
    const bool takes_turns = plan_.measure == Measure::Bursts;
    // A member's loop begins with its burst; whole packets of every length fit in a turn.
    const std::uint64_t offset =
        takes_turns ? payloads_.length() - place * turn % payloads_.length() : random.next32() & ~1U;
    streams_.push_back({.flow = &flow,
                        .socket = socket,
                        .server = socket_address(flow.server_address, flow.server_port),
                        .fates = Fates(plan_.network, random.next64()),
                        .ssrc = random.next32(),
                        .packets = 0,
                        .first_sequence = random.next16(),
                        .loop_offset = offset,
                        .sent_at = std::vector<WallTime>(remembered),
                        .heard = std::vector<std::uint32_t>(remembered)});
  }
  outcome_.flows.resize(flows_.size());
  // The longest wait of a packet: late by jitter and held back for two packet lengths.
  wheel_.resize(slots_in(plan_.network.jitter + std::chrono::milliseconds(200)) + 1);
  schedule_streams();
}

void Generator::schedule_streams() {
  // Every 120 ms all packet lengths begin anew together.
  beginnings_.resize(slots_in(std::chrono::milliseconds(120)));
  for (std::uint32_t index = 0; index < streams_.size(); ++index) {
    const std::uint64_t period = slots_in(std::chrono::milliseconds(streams_[index].flow->ptime_millis));
    const std::uint64_t phase = index * period / streams_.size();
    for (std::uint64_t slot = phase; slot < beginnings_.size(); slot += period) {
      beginnings_[slot].push_back(index);
    }
  }
}

Outcome Generator::run() {
  const auto start = Clock::now() + std::chrono::milliseconds(20);
  const std::uint64_t measure_from = slots_in(plan_.warm_up);
  const std::uint64_t end = measure_from + slots_in(plan_.measured);
  Clock::time_point began;
  nanoseconds server_before{};
  nanoseconds own_before{};

  for (std::uint64_t slot = 0; slot < end; ++slot) {
    const auto due = start + plan_.slot * static_cast<std::int64_t>(slot);
    auto now = Clock::now();
    do {
      const auto patience = plan_.is_spinning ? Clock::duration::zero() : due - now;
      far_ends_.receive(std::max(patience, Clock::duration::zero()), on_arrived_);
      now = Clock::now();
    } while (now < due);
    if (slot == measure_from) {
      began = now;
      server_before = cpu_time_of(plan_.server);
      own_before = cpu_time_of(getpid());
      measured_from_ = wall_clock_now();
      is_measuring_ = true;
    }
    if (is_measuring_) outcome_.latest = std::max<nanoseconds>(outcome_.latest, now - due);
    for (const std::uint32_t index : beginnings_[slot % beginnings_.size()]) begin_packet(index, slot);
    send_slot(slot);
  }

  outcome_.server_cpu = cpu_time_of(plan_.server) - server_before;
  outcome_.own_cpu = cpu_time_of(getpid()) - own_before;
  const auto ended = Clock::now();
  outcome_.elapsed = ended - began;
  is_measuring_ = plan_.measure == Measure::Marks;
  for (auto now = ended; now < ended + wait_for_last; now = Clock::now()) {
    far_ends_.receive(ended + wait_for_last - now, on_arrived_);
  }
  outcome_.rtcp = far_ends_.rtcp_packets();
  outcome_.refused = far_ends_.refused_sends();
  return outcome_;
}

void Generator::begin_packet(std::uint32_t index, std::uint64_t slot) {
  Stream& stream = streams_[index];
  const std::uint64_t packet = stream.packets++;
  const Fate fate = stream.fates.next();
  if (fate.copies == 0 && is_measuring_) ++outcome_.flows[index].lost;
  microseconds late = fate.late;
  if (fate.is_held_back) late += std::chrono::milliseconds(stream.flow->ptime_millis * 3 / 2);
  for (unsigned copy = 0; copy < fate.copies; ++copy) {
    wheel(slot + slots_in(late)).push_back({.flow = index, .packet = packet, .is_copy = copy > 0});
  }
}

void Generator::send_slot(std::uint64_t slot) {
  for (const Due& due : wheel(slot)) compose(due);
  far_ends_.flush(on_sent_);
  wheel(slot).clear();
}

void Generator::compose(const Due& due) {
  Stream& stream = streams_[due.flow];
  const Flow& flow = *stream.flow;
  const std::uint64_t ten_millis = due.packet * flow.ptime_millis / 10 + stream.loop_offset;
  const auto audio = payloads_.of(flow.coding, ten_millis, flow.ptime_millis);
  const auto sequence = static_cast<std::uint16_t>(stream.first_sequence + due.packet);
  const auto packet = far_ends_.compose(stream.socket,
                                        {.flow = due.flow, .sequence = sequence, .to = &stream.server},
                                        rtp_header_size + audio.size(),
                                        on_sent_);
  std::ranges::fill(packet.first(rtp_header_size), std::uint8_t{0});
  version_field.write(packet, 2);
  payload_type_field.write(packet, flow.payload_type);
  sequence_field.write(packet, sequence);
  timestamp_field.write(packet, static_cast<std::uint32_t>(due.packet * flow.ptime_millis * ticks_per_milli));
  ssrc_field.write(packet, stream.ssrc);
  const auto payload = packet.subspan(rtp_header_size);
  std::ranges::copy(audio, payload.begin());
  if (plan_.measure == Measure::Marks && is_g711(flow.coding)) {
    PacketMark{.flow = static_cast<std::uint16_t>(due.flow), .sequence = sequence}.write(flow.coding,
                                                                                         payload);
  }
  if (is_measuring_ && due.is_copy) ++outcome_.flows[due.flow].duplicated;
}

bool Generator::is_burst(const Stream& stream, std::uint64_t packet) const {
  return (packet * stream.flow->ptime_millis / 10 + stream.loop_offset) % payloads_.length() == 0;
}

void Generator::note_sent(const FarEnds::Sent& sent) {
  Stream& stream = streams_[sent.flow];
  stream.sent_at[sent.sequence % remembered] = sent.at;
  if (is_measuring_) ++outcome_.flows[sent.flow].sent;
  if (plan_.measure == Measure::Bursts) {
    // Sequence numbers wrap; the packet is one of the last few.
    const auto behind =
        static_cast<std::uint16_t>(stream.first_sequence + stream.packets - 1 - sent.sequence);
    if (is_burst(stream, stream.packets - 1 - behind)) bursts_.sent(stream.flow->group, sent.flow, sent.at);
  }
}

void Generator::take(const FarEnds::Arrived& arrived) {
  const auto found = by_port_.find((std::uint64_t{arrived.socket} << 16U) | arrived.server_port);
  const bool is_rtp = arrived.octets.size() > rtp_header_size && version_field.read(arrived.octets) == 2;
  if (found == by_port_.end() || !is_rtp) {
    ++outcome_.strange;
    return;
  }
  const std::uint32_t hearer = found->second;
  const Flow& flow = flows_[hearer];
  const auto payload = arrived.octets.subspan(rtp_header_size);
  if (plan_.measure == Measure::Marks && is_g711(flow.coding)) {
    if (const auto mark = PacketMark::read(flow.coding, payload)) {
      take_mark(hearer, *mark, arrived.at);
      return;
    }
  }
  if (plan_.measure == Measure::Bursts && is_g711(flow.coding)) {
    const auto delay = bursts_.heard(flow, hearer, payload, arrived.at);
    if (delay && is_measuring_) outcome_.delays.note(*delay);
  }
  if (is_measuring_) ++outcome_.flows[hearer].received;
}

void Generator::take_mark(std::uint32_t hearer, const PacketMark& mark, WallTime at) {
  if (!is_measuring_ || mark.flow >= streams_.size()) return;
  Stream& source = streams_[mark.flow];
  const std::size_t place = mark.sequence % remembered;
  const WallTime sent_at = source.sent_at[place];
  // Packets of the warm-up that are still under way do not count.
  if (sent_at < measured_from_) return;
  if (source.heard[place] == mark.sequence + 1U) {
    ++outcome_.flows[hearer].received_again;
    return;
  }
  source.heard[place] = mark.sequence + 1U;
  ++outcome_.flows[hearer].received;
  outcome_.delays.note(at - sent_at);
}

}  // namespace bench
