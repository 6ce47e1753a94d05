#pragma once

#include <cstdint>

namespace mediaswitch {

/// Why playing ended.
enum class PlayEnd : std::uint8_t {
  Completed,
  Replaced,
  Stopped,
  TelephoneEvent,  ///< A key was pressed, and the list said that keys end it.
  Interrupted,     ///< Speech was louder than the barge-in level.
  Mix,             ///< The channel joined others.
  ChannelClosed,
  Error,  ///< Nothing of it could be read.
};

/// Why a recording ended.
enum class RecordEnd : std::uint8_t {
  Requested,
  BelowPower,
  Timeout,
  ChannelClosed,
  Replaced,  ///< Another recorder of the same file was started.
  OpenFailed,
  DiskFull,
  WriteFailed,
};

}  // namespace mediaswitch
