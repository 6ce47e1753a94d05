#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <napi.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/units.hpp"
#include "io/engine.hpp"
#include "io/event.hpp"
#include "rtp/remote_media.hpp"

namespace mediaswitch {

/// Throws the JavaScript error that blames an argument: `code` ARGUMENT_INVALID, and `field`, its path.
[[noreturn]] void refuse_argument(Napi::Env env, const std::string& field, const std::string& complaint);

/// A value from JavaScript and the path by which errors name it (`remote.formats[0].format`), which is
/// written only where it is to blame. Names are literals. Whatever has not the asked-for type throws.
class Argument {
 public:
  /// `name` may be empty: its members are named without it.
  Argument(Napi::Value value, const char* name) : value_(value) { enter({.name = name}); }

  /// A member of an object; absent when it is undefined.
  [[nodiscard]] Argument at(const char* name) const;
  [[nodiscard]] bool is_absent() const { return value_.IsUndefined(); }
  /// A whole number from `low` to `high`, both included.
  [[nodiscard]] std::int64_t whole_number(std::int64_t low, std::int64_t high) const;
  /// A number from `low` to `high`, both included.
  [[nodiscard]] double number(double low, double high) const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool boolean() const;
  /// One of the names; which one, counted from 0.
  [[nodiscard]] std::size_t one_of(std::initializer_list<std::string_view> names) const;
  [[nodiscard]] std::vector<Argument> items() const;
  [[nodiscard]] Napi::Value value() const { return value_; }
  [[noreturn]] void refuse(const std::string& complaint) const;

 private:
  /// A member by its name, or an item of a list.
  struct Step {
    const char* name = nullptr;
    std::uint32_t index = 0;
  };
  /// Longer than any path there is; what would come after is not named.
  static constexpr std::size_t most_steps = 12;

  void enter(Step step) {
    if (depth_ < most_steps) steps_[depth_++] = step;
  }
  [[nodiscard]] Argument within(Napi::Value value, Step step) const;
  [[nodiscard]] std::string path() const;

  Napi::Value value_;
  std::array<Step, most_steps> steps_{};
  std::size_t depth_ = 0;
};

/// `{ bind, ports: { low, high }, shards, seed }`, the seed being 32 octets.
Engine::Options read_options(const Argument& options);

/// The shape of `RemoteMedia` in ts/rtp/media-service.ts.
RemoteMedia read_remote(const Argument& remote);

AudioFormat read_audio_format(const Argument& format);

ChannelId read_channel(const Argument& channel);
Ticket read_ticket(const Argument& ticket);
/// Of a reader or writer.
std::uint64_t read_number(const Napi::Value& value, const char* name);

}  // namespace mediaswitch
