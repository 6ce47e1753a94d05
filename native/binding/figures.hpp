#pragma once

#include <chrono>
#include <limits>
#include <optional>
#include <string_view>

#include "core/drop.hpp"
#include "core/time.hpp"
#include "rtp/statistics.hpp"

namespace mediaswitch {

/// What stands for a figure that nobody knows.
inline constexpr double unknown_figure = std::numeric_limits<double>::quiet_NaN();

/// Calls `each(group, name, figure)` for every figure of `ChannelStatistics` in ts/rtp/media-service.ts: the
/// one list of them and of their order. The group is empty for those that are in none. A group of
/// `jitterBuffer` or `heard` that is not there is unknown figures.
template <class Each>
void for_each_figure(const Statistics& statistics, Time now, Each&& each) {
  const auto count = [&](std::string_view group, std::string_view name, std::uint64_t value) {
    each(group, name, static_cast<double>(value));
  };
  const auto maybe = [&](std::string_view group, std::string_view name, const auto& value) {
    each(group, name, value ? static_cast<double>(*value) : unknown_figure);
  };
  const auto micros = [](Time::duration length) {
    return std::chrono::duration<double, std::micro>(length).count();
  };
  const auto millis = [](Time::duration length) {
    return std::chrono::duration<double, std::milli>(length).count();
  };
  const auto stream = [&](std::string_view group, const Traffic& traffic, const StreamQuality& quality) {
    count(group, "packets", traffic.packets);
    count(group, "octets", traffic.octets);
    maybe(group, "lost", quality.lost);
    maybe(group, "jitterMillis", quality.jitter_millis);
    maybe(group, "rFactor", quality.r_factor);
    maybe(group, "mos", quality.mos);
  };

  count({}, "datagrams", statistics.datagrams);
  count({}, "forwarded", statistics.forwarded);
  count({}, "consumed", statistics.consumed);
  stream("received", statistics.received, statistics.of_received);
  stream("sent", statistics.sent, statistics.of_sent);
  maybe({}, "roundTripMillis", statistics.round_trip_millis);
  for (const Drop drop : all_drops) count("dropped", name(drop), statistics.dropped.of(drop));
  for (const Drop drop : all_drops) count("refused", name(drop), statistics.refused.of(drop));

  const TickLateness& ticks = statistics.ticks;
  count("tick", "count", ticks.count);
  each("tick", "meanUs", ticks.count == 0 ? 0 : micros(ticks.sum) / static_cast<double>(ticks.count));
  each("tick", "maxUs", micros(ticks.longest));

  const std::optional<Ear::Statistics>& ear = statistics.jitter_buffer;
  const auto of_ear = [&](std::string_view name, auto value) {
    each("jitterBuffer", name, ear ? static_cast<double>(value(*ear)) : unknown_figure);
  };
  of_ear("delayMillis", [](const Ear::Statistics& of) { return of.delay.count(); });
  of_ear("concealed", [](const Ear::Statistics& of) { return of.frames_concealed; });
  of_ear("samplesRemoved", [](const Ear::Statistics& of) { return of.samples_removed; });
  of_ear("samplesInserted", [](const Ear::Statistics& of) { return of.samples_inserted; });

  // Reckoned from now, not from when the figures were taken: their way here takes nothing away.
  const std::optional<Heard>& heard = statistics.heard;
  const auto of_heard = [&](std::string_view name, auto length) {
    each("heard", name, heard ? millis(length(*heard)) : unknown_figure);
  };
  of_heard("firstAgoMillis", [now](const Heard& of) { return now - of.first; });
  of_heard("lastAgoMillis", [now](const Heard& of) { return now - of.last; });
  of_heard("longestGapMillis", [](const Heard& of) { return of.longest_gap; });
  of_heard("longestGapAgoMillis", [now](const Heard& of) { return now - of.gap_over; });
}

}  // namespace mediaswitch
