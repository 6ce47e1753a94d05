#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <variant>

#include "io/event.hpp"

namespace mediaswitch {

/// What JavaScript calls the kinds of events and what they say. In numbers each is told by its place.

/// In the order of `Event`.
inline constexpr std::array<std::string_view, std::variant_size_v<Event>> event_kinds{"reply",
                                                                                      "closed",
                                                                                      "source-rejected",
                                                                                      "telephone-event",
                                                                                      "telephone-event-end",
                                                                                      "play-changed",
                                                                                      "play-ended",
                                                                                      "record-changed",
                                                                                      "record-finished",
                                                                                      "mix",
                                                                                      "readable",
                                                                                      "reader-ended",
                                                                                      "writable",
                                                                                      "writer-ended"};

constexpr std::string_view name(CloseReason reason) {
  switch (reason) {
    case CloseReason::Requested: return "requested";
    case CloseReason::IdleTimeout: return "idle-timeout";
    case CloseReason::LeaseExpired: return "lease-expired";
    case CloseReason::Shutdown: return "shutdown";
    case CloseReason::Error: return "error";
  }
  return {};
}

constexpr std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::Done: return "done";
    case Outcome::UnknownChannel: return "unknown";
    case Outcome::Conflict: return "conflict";
    case Outcome::Refused: return "refused";
  }
  return {};
}

constexpr std::string_view name(PlayState state) {
  switch (state) {
    case PlayState::Started: return "start";
    case PlayState::Paused: return "paused";
    case PlayState::Resumed: return "resumed";
  }
  return {};
}

constexpr std::string_view name(PlayEnd reason) {
  switch (reason) {
    case PlayEnd::Completed: return "completed";
    case PlayEnd::Replaced: return "replaced";
    case PlayEnd::Stopped: return "stopped";
    case PlayEnd::TelephoneEvent: return "telephone-event";
    case PlayEnd::Interrupted: return "interrupted";
    case PlayEnd::Mix: return "mix";
    case PlayEnd::ChannelClosed: return "channelclosed";
    case PlayEnd::Error: return "error";
  }
  return {};
}

constexpr std::string_view name(RecordState state) {
  switch (state) {
    case RecordState::Recording: return "recording";
    case RecordState::AbovePower: return "recording.abovepower";
    case RecordState::Paused: return "paused";
    case RecordState::Resumed: return "resumed";
    case RecordState::SlowDisk: return "slow-disk";
  }
  return {};
}

constexpr std::string_view name(RecordEnd reason) {
  switch (reason) {
    case RecordEnd::Requested: return "requested";
    case RecordEnd::BelowPower: return "belowpower";
    case RecordEnd::Timeout: return "timeout";
    case RecordEnd::ChannelClosed: return "channelclosed";
    case RecordEnd::Replaced: return "replaced";
    case RecordEnd::OpenFailed: return "open-failed";
    case RecordEnd::DiskFull: return "disk-full";
    case RecordEnd::WriteFailed: return "write-failed";
  }
  return {};
}

}  // namespace mediaswitch
