#include "audio/playlist.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace mediaswitch {
namespace {

/// Samples of an item that are read and converted at once.
constexpr std::size_t piece_size = 1024;

/// Longer than any file; what is later is at its end as well.
constexpr Millis latest = std::chrono::hours(24 * 365);

std::uint64_t sample_at(Millis instant, ClockRate sampling) {
  const Millis within = std::clamp(instant, Millis(0), latest);
  return static_cast<std::uint64_t>(within.count()) * sampling.value / 1000;
}

std::uint32_t plays_of(const PlaylistEntry& entry) {
  return std::visit([](const auto& each) { return each.plays; }, entry);
}

}  // namespace

PlaylistReader::PlaylistReader(Playlist playlist, ClockRate sampling, OpenSource open)
    : playlist_(std::move(playlist)),
      open_(std::move(open)),
      converter_(sampling, sampling),
      is_over_(playlist_.entries.empty()),
      piece_(piece_size) {}

std::optional<PlayEnd> PlaylistReader::ended() const {
  if (!is_over_ || taken_ < ready_.size()) return std::nullopt;
  return has_given_ || unplayed_.empty() ? PlayEnd::Completed : PlayEnd::Error;
}

std::size_t PlaylistReader::read(std::span<std::int16_t> pcm) {
  std::size_t given = 0;
  while (given < pcm.size()) {
    if (taken_ == ready_.size()) {
      if (is_over_) break;
      ready_.clear();
      taken_ = 0;
      read_more();
    }
    const std::size_t now = std::min(pcm.size() - given, ready_.size() - taken_);
    std::copy_n(ready_.begin() + static_cast<std::ptrdiff_t>(taken_), now, pcm.subspan(given).begin());
    taken_ += now;
    given += now;
  }
  return given;
}

void PlaylistReader::read_more() {
  if (std::holds_alternative<std::monostate>(item_)) {
    if (!open_entry()) {
      end_entry();
      return;
    }
    begin_play();
  }
  const auto asked = static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece_.size()));
  const std::size_t read = read_item(std::span(piece_).first(asked));
  left_ -= read;
  if (read > 0) {
    has_given_in_play_ = has_given_in_pass_ = has_given_ = true;
    convert(std::span(piece_).first(read));
  }
  if (read < asked || left_ == 0) end_play();
}

bool PlaylistReader::open_entry() {
  const PlaylistEntry& entry = playlist_.entries[entry_];
  if (const auto* tone = std::get_if<PlaylistTone>(&entry)) {
    item_.emplace<ToneReader>(tone->cadences, converter_.to());
    return true;
  }
  const auto& file = std::get<PlaylistFile>(entry);
  auto source = open_(file.path);
  if (!source) {
    note_unplayed(WavFault::ReadFailed);
    return false;
  }
  auto opened = SoundFile::open(std::move(source), file.coding);
  if (!opened.ok()) {
    note_unplayed(opened.error());
    return false;
  }
  item_.emplace<SoundFile>(std::move(opened.value()));
  return true;
}

void PlaylistReader::begin_play() {
  has_given_in_play_ = false;
  left_ = std::numeric_limits<std::uint64_t>::max();
  if (auto* tone = std::get_if<ToneReader>(&item_)) tone->rewind();
  if (auto* sound = std::get_if<SoundFile>(&item_)) {
    const auto& file = std::get<PlaylistFile>(playlist_.entries[entry_]);
    const std::uint64_t start = sample_at(file.start, sound->sampling());
    if (file.stop) left_ = std::max(sample_at(*file.stop, sound->sampling()), start) - start;
    sound->seek(start);
  }
}

std::size_t PlaylistReader::read_item(std::span<std::int16_t> pcm) {
  if (auto* tone = std::get_if<ToneReader>(&item_)) return tone->read(pcm);
  auto* sound = std::get_if<SoundFile>(&item_);
  return sound != nullptr ? sound->read(pcm) : 0;
}

void PlaylistReader::end_play() {
  const auto* sound = std::get_if<SoundFile>(&item_);
  const bool has_failed = sound != nullptr && sound->has_failed();
  if (has_failed) note_unplayed(WavFault::ReadFailed);
  ++plays_;
  const std::uint32_t wanted = plays_of(playlist_.entries[entry_]);
  if (has_failed || !has_given_in_play_ || plays_ == wanted) {
    end_entry();
  } else {
    // Endless ones are counted from 0 again, so that they never reach it.
    if (wanted == 0) plays_ = 0;
    begin_play();
  }
}

void PlaylistReader::end_entry() {
  plays_ = 0;
  entry_ = (entry_ + 1) % playlist_.entries.size();
  // A list of one file goes on with the file it has.
  const bool is_other = playlist_.entries.size() > 1;
  const auto* sound = std::get_if<SoundFile>(&item_);
  if (is_other || (sound != nullptr && sound->has_failed())) item_ = std::monostate{};
  if (entry_ == 0) end_list();
  if (!is_over_ && !std::holds_alternative<std::monostate>(item_)) begin_play();
}

void PlaylistReader::end_list() {
  ++passes_;
  if (!has_given_in_pass_ || passes_ == playlist_.plays) {
    is_over_ = true;
    item_ = std::monostate{};
    converter_.finish(ready_);
  }
  if (playlist_.plays == 0) passes_ = 0;
  has_given_in_pass_ = false;
}

void PlaylistReader::convert(std::span<const std::int16_t> pcm) {
  const auto* sound = std::get_if<SoundFile>(&item_);
  const ClockRate from = sound != nullptr ? sound->sampling() : converter_.to();
  if (from != converter_.from()) {
    converter_.finish(ready_);
    converter_ = RateConverter(from, converter_.to());
  }
  converter_.convert(pcm, ready_);
}

void PlaylistReader::note_unplayed(WavFault fault) {
  const auto is_this = [&](const Unplayed& each) { return each.entry == entry_; };
  if (std::none_of(unplayed_.begin(), unplayed_.end(), is_this)) {
    unplayed_.push_back({.entry = entry_, .fault = fault});
  }
}

}  // namespace mediaswitch
