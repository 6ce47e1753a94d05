#include "binding/media_arguments.hpp"

#include <algorithm>
#include <utility>

#include "rtp/telephone_event.hpp"

namespace mediaswitch {
namespace {

constexpr std::int64_t longest_key_millis = 60'000;
constexpr std::int64_t most_plays = 1'000'000'000;
constexpr std::int64_t a_day_in_millis = 86'400'000;
constexpr std::int64_t highest_average = PowerMeter::longest_average;
constexpr double loudest = 32'767;
constexpr double highest_frequency = 8000;

Millis read_millis(const Argument& argument, std::int64_t most) {
  return Millis{argument.whole_number(0, most)};
}

std::uint32_t read_plays(const Argument& argument) {
  return static_cast<std::uint32_t>(argument.whole_number(0, most_plays));
}

/// A path with a NUL in it would be another one to the system.
std::string read_path(const Argument& argument) {
  std::string path = argument.text();
  if (path.empty() || path.find('\0') != std::string::npos) argument.refuse("has to be a path");
  return path;
}

PlaylistFile read_file(const Argument& entry) {
  PlaylistFile read{.path = read_path(entry.at("file")), .coding = std::nullopt, .stop = std::nullopt};
  const Argument coding = entry.at("coding");
  if (coding.text() != "wav") read.coding = read_audio_format(coding);
  read.start = read_millis(entry.at("startMillis"), a_day_in_millis);
  const Argument stop = entry.at("stopMillis");
  if (!stop.is_absent()) read.stop = read_millis(stop, a_day_in_millis);
  read.plays = read_plays(entry.at("plays"));
  return read;
}

PlaylistEntry read_entry(const Argument& entry) {
  const Argument tone = entry.at("tone");
  if (tone.is_absent()) return read_file(entry);
  return PlaylistTone{.cadences = read_tones(tone), .plays = read_plays(entry.at("plays"))};
}

ToneCadence read_cadence(const Argument& tone) {
  ToneCadence read{.length = read_millis(tone.at("millis"), a_day_in_millis), .waves = {}};
  for (const Argument& wave : tone.at("waves").items()) {
    read.waves.push_back({.from = wave.at("from").number(0, highest_frequency),
                          .to = wave.at("to").number(0, highest_frequency)});
  }
  read.amplitude_from = tone.at("amplitudeFrom").number(0, 1);
  read.amplitude_to = tone.at("amplitudeTo").number(0, 1);
  return read;
}

}  // namespace

Engine::Digits read_digits(const Argument& digits) {
  constexpr std::int64_t softest = 63;
  Engine::Digits read;
  read.keys = digits.at("digits").text();
  const auto is_key = [](char key) { return event_of(key).has_value(); };
  if (read.keys.empty() || !std::ranges::all_of(read.keys, is_key)) {
    digits.at("digits").refuse("has to be made of 0-9, *, #, A-D and F");
  }
  read.duration = read_millis(digits.at("durationMillis"), longest_key_millis);
  read.pause = read_millis(digits.at("pauseMillis"), longest_key_millis);
  read.volume = static_cast<std::uint8_t>(digits.at("volume").whole_number(0, softest));
  return read;
}

Playlist read_playlist(const Argument& playlist) {
  Playlist read;
  for (const Argument& entry : playlist.at("entries").items()) read.entries.push_back(read_entry(entry));
  if (read.entries.empty()) playlist.at("entries").refuse("has to have an entry");
  read.plays = read_plays(playlist.at("plays"));
  read.is_interruptible = playlist.at("interruptible").boolean();
  return read;
}

std::vector<ToneCadence> read_tones(const Argument& tones) {
  std::vector<ToneCadence> read;
  for (const Argument& tone : tones.items()) read.push_back(read_cadence(tone));
  if (read.empty()) tones.refuse("has to have a cadence");
  return read;
}

NamedRecording read_recording(const Argument& recording) {
  NamedRecording read{.file = read_path(recording.at("file")), .recording = {}};
  Recording& how = read.recording;
  how.channels = static_cast<std::uint16_t>(recording.at("channels").whole_number(1, 2));
  constexpr std::array directions{RecordDirection::In, RecordDirection::Out, RecordDirection::Both};
  how.direction = directions.at(recording.at("direction").one_of({"in", "out", "both"}));
  how.start_above_power = recording.at("startAbovePower").number(0, loudest);
  how.finish_below_power = recording.at("finishBelowPower").number(0, loudest);
  how.average_packets =
      static_cast<std::uint32_t>(recording.at("averagePackets").whole_number(1, highest_average));
  how.least = read_millis(recording.at("minMillis"), a_day_in_millis);
  how.longest = read_millis(recording.at("maxMillis"), a_day_in_millis);
  return read;
}

Engine::Prompt read_prompt(const Argument& prompt) {
  NamedRecording recording = read_recording(prompt.at("recording"));
  Engine::Prompt read{.playlist = read_playlist(prompt.at("playlist")),
                      .file = std::move(recording.file),
                      .recording = recording.recording,
                      .barge_in = std::nullopt};
  if (prompt.at("interrupt").boolean()) {
    read.barge_in = BargeIn::Options{
        .power = prompt.at("bargeInPower").number(0, loudest),
        .average_packets =
            static_cast<std::uint32_t>(prompt.at("bargeInAveragePackets").whole_number(1, highest_average))};
  }
  read.begin = prompt.at("concurrent").boolean() ? Recorder::Begin::Now : Recorder::Begin::Held;
  return read;
}

ReaderRequest read_reader(const Argument& reader) {
  constexpr std::array directions{ReadDirection::In, ReadDirection::Out, ReadDirection::Both};
  ReaderRequest read{.direction = directions.at(reader.at("direction").one_of({"in", "out", "both"})),
                     .format = read_audio_format(reader.at("format"))};
  const bool is_linear = read.format == AudioFormat::L16Narrow || read.format == AudioFormat::L16Wide;
  if (read.direction == ReadDirection::Both && !is_linear) {
    reader.at("format").refuse("has to be L16 where both directions are read");
  }
  return read;
}

ClockRate read_sampling_rate(const Argument& rate) {
  const std::int64_t given = rate.whole_number(narrowband.value, wideband.value);
  if (given != narrowband.value && given != wideband.value) rate.refuse("has to be 8000 or 16000");
  return {static_cast<std::uint32_t>(given)};
}

}  // namespace mediaswitch
