#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "audio/byte_source.hpp"
#include "audio/end_reason.hpp"
#include "audio/rate_converter.hpp"
#include "audio/sound_file.hpp"
#include "audio/tone.hpp"
#include "audio/wav.hpp"
#include "codecs/registry.hpp"
#include "core/units.hpp"

namespace mediaswitch {

/// A file, or a part of one. `plays`: in all; 0: for ever.
struct PlaylistFile {
  std::string path;
  /// How it is coded where it has no WAV header; nullopt: it is a WAV file.
  std::optional<AudioFormat> coding;
  Millis start{};
  /// nullopt: to its end.
  std::optional<Millis> stop;
  std::uint32_t plays = 1;
};

struct PlaylistTone {
  std::vector<ToneCadence> cadences;
  std::uint32_t plays = 1;
};

using PlaylistEntry = std::variant<PlaylistFile, PlaylistTone>;

/// What a channel is to play, one entry after the other.
struct Playlist {
  std::vector<PlaylistEntry> entries;
  std::uint32_t plays = 1;
  /// A key press ends it.
  bool is_interruptible = false;
};

/// A playlist as PCM, piece by piece. Files are opened and read by whoever calls `read`.
///
/// What gives no sample in one play isn't played again in a row, and a list that gives none in one pass is
/// over: nothing that is endless is endlessly empty.
class PlaylistReader {
 public:
  /// An entry that could not be played, or not to its end.
  struct Unplayed {
    std::size_t entry;
    WavFault fault;
  };

  PlaylistReader(Playlist playlist, ClockRate sampling, OpenSource open);

  /// Samples read: fewer than `pcm` holds at the end only.
  std::size_t read(std::span<std::int16_t> pcm);

  /// nullopt: there is more. `Completed`, or `Error` where nothing could be read at all.
  [[nodiscard]] std::optional<PlayEnd> ended() const;
  /// Each entry once, in the order found.
  [[nodiscard]] std::span<const Unplayed> unplayed() const { return unplayed_; }

  [[nodiscard]] const Playlist& playlist() const { return playlist_; }

 private:
  /// What is played now.
  using Item = std::variant<std::monostate, SoundFile, ToneReader>;

  void read_more();
  bool open_entry();
  void begin_play();
  std::size_t read_item(std::span<std::int16_t> pcm);
  void end_play();
  void end_entry();
  void end_list();
  void convert(std::span<const std::int16_t> pcm);
  void note_unplayed(WavFault fault);

  Playlist playlist_;
  OpenSource open_;
  RateConverter converter_;

  std::size_t entry_ = 0;
  /// Of the entry, and of the list.
  std::uint32_t plays_ = 0;
  std::uint32_t passes_ = 0;
  Item item_;
  /// Samples of the item that this play may still give.
  std::uint64_t left_ = 0;
  bool has_given_in_play_ = false;
  bool has_given_in_pass_ = false;
  bool has_given_ = false;
  bool is_over_ = false;

  std::vector<std::int16_t> piece_;
  std::vector<std::int16_t> ready_;
  std::size_t taken_ = 0;
  std::vector<Unplayed> unplayed_;
};

}  // namespace mediaswitch
