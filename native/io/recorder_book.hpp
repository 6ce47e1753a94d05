#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "core/units.hpp"
#include "io/event.hpp"

namespace mediaswitch {

/// Which recorder writes which file of which channel. JavaScript's thread.
class RecorderBook {
 public:
  struct Entry {
    ChannelId channel;
    std::string file;
    bool is_paused = false;
    /// It was told to end, so a new recorder of that file may begin.
    bool is_ending = false;
  };

  RecorderId enter(ChannelId channel, std::string file) {
    const RecorderId id{++last_};
    entries_.emplace(id.value, Entry{.channel = channel, .file = std::move(file)});
    return id;
  }
  /// The one that still runs, or is paused.
  [[nodiscard]] std::optional<RecorderId> running(ChannelId channel, const std::string& file) const {
    for (const auto& [id, entry] : entries_) {
      if (entry.channel == channel && entry.file == file && !entry.is_ending) return RecorderId{id};
    }
    return std::nullopt;
  }
  [[nodiscard]] Entry& of(RecorderId id) { return entries_.at(id.value); }
  /// Empty: it is not known (any more).
  [[nodiscard]] std::string file_of(RecorderId id) const {
    const auto found = entries_.find(id.value);
    return found == entries_.end() ? std::string() : found->second.file;
  }
  void strike(RecorderId id) { entries_.erase(id.value); }

 private:
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::uint64_t last_ = 0;
};

}  // namespace mediaswitch
