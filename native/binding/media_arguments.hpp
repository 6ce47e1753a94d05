#pragma once

#include "audio/playlist.hpp"
#include "audio/recorder.hpp"
#include "audio/tone.hpp"
#include "binding/arguments.hpp"
#include "io/engine.hpp"
#include "io/reader_feed.hpp"

namespace mediaswitch {

/// What is played, recorded and listened to, in the shapes of ts/rtp/addon.ts that have the same names.

Engine::Digits read_digits(const Argument& digits);
Playlist read_playlist(const Argument& playlist);
std::vector<ToneCadence> read_tones(const Argument& tones);

struct NamedRecording {
  std::string file;
  Recording recording;
};
NamedRecording read_recording(const Argument& recording);
Engine::Prompt read_prompt(const Argument& prompt);

struct ReaderRequest {
  ReadDirection direction = ReadDirection::In;
  AudioFormat format = AudioFormat::L16Narrow;
};
ReaderRequest read_reader(const Argument& reader);
ClockRate read_sampling_rate(const Argument& rate);

}  // namespace mediaswitch
