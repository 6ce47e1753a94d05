#include "binding/event_numbers.hpp"

#include <algorithm>
#include <bit>
#include <string_view>
#include <utility>

#include "binding/event_names.hpp"
#include "binding/figures.hpp"
#include "io/endpoint.hpp"
#include "io/monotonic_clock.hpp"

namespace mediaswitch {
namespace {

Napi::String text(Napi::Env env, std::string_view value) {
  return Napi::String::New(env, value.data(), value.size());
}

template <class Names>
Napi::Array list(Napi::Env env, const Names& names) {
  Napi::Array made = Napi::Array::New(env);
  for (const auto& each : names) made.Set(made.Length(), text(env, each));
  return made;
}

/// Of all enumerators, which are numbered from 0.
template <class Enumerator>
Napi::Array names_of(Napi::Env env) {
  std::vector<std::string_view> names;
  while (!name(static_cast<Enumerator>(names.size())).empty()) {
    names.push_back(name(static_cast<Enumerator>(names.size())));
  }
  return list(env, names);
}

/// `192.0.2.7:4000`, `[2001:db8::7]:4000`.
std::string to_text(const Address& address) {
  const auto ip = to_ip(address);
  const std::string host = ip.is_v6() ? "[" + ip.to_string() + "]" : ip.to_string();
  return host + ":" + std::to_string(address.port);
}

}  // namespace

void EventNumbers::add(const Event& event) {
  put_count(event.index());
  std::visit([this](const auto& each) { write(each); }, event);
}

Napi::Value EventNumbers::give(Napi::Env env, const Napi::Function& take) {
  constexpr std::size_t least_room = 1024;
  if (room_ < numbers_.size() || given_.IsEmpty()) {
    room_ = std::max(least_room, std::bit_ceil(numbers_.size()));
    given_ = Napi::Persistent(Napi::Float64Array::New(env, room_));
  }
  Napi::Float64Array numbers = given_.Value();
  std::ranges::copy(numbers_, numbers.Data());
  const Napi::Number length = Napi::Number::New(env, static_cast<double>(numbers_.size()));
  const Napi::Value texts = texts_.empty() ? env.Undefined() : list(env, texts_);
  // Before it is taken, where more may be added.
  numbers_.clear();
  texts_.clear();
  return take.Call({numbers, length, texts});
}

void EventNumbers::put(const Statistics& statistics) {
  for_each_figure(
      statistics, monotonic_now(), [this](auto /*group*/, auto /*name*/, double figure) { put(figure); });
  if (statistics.heard) texts_.push_back(to_text(statistics.heard->from));
}

void EventNumbers::write(const Reply& reply) {
  put_count(reply.ticket.value);
  put_place(reply.outcome);
  put(reply.statistics ? 1 : 0);
  if (reply.statistics) put(*reply.statistics);
}

void EventNumbers::write(const Closed& closed) {
  put_count(closed.channel.value);
  put_place(closed.reason);
  put(closed.statistics);
}

void EventNumbers::write(const SourceRejected& rejected) {
  put_count(rejected.channel.value);
  put(rejected.from.port);
  texts_.push_back(to_ip(rejected.from).to_string());
}

void EventNumbers::write(const KeyPressed& pressed) {
  put_count(pressed.channel.value);
  put(pressed.is_inband ? 1 : 0);
  texts_.emplace_back(1, pressed.key);
}

void EventNumbers::write(const KeyReleased& released) {
  put_count(released.channel.value);
  put(static_cast<double>(released.held.count()));
  texts_.emplace_back(1, released.key);
}

void EventNumbers::write(const PlayChanged& changed) {
  put_count(changed.channel.value);
  put_place(changed.state);
}

void EventNumbers::write(const PlayEnded& ended) {
  put_count(ended.channel.value);
  put_place(ended.reason);
}

void EventNumbers::write(const RecordChanged& changed) {
  put_count(changed.channel.value);
  put_place(changed.state);
  texts_.push_back(file_of_(changed.recorder));
}

void EventNumbers::write(const RecordFinished& finished) {
  put_count(finished.channel.value);
  put_place(finished.reason);
  put_count(finished.octets);
  put(static_cast<double>(finished.duration.count()));
  texts_.push_back(file_of_(finished.recorder));
}

void EventNumbers::write(const MixChanged& changed) {
  put_count(changed.channel.value);
  put(changed.has_started ? 1 : 0);
}

void EventNumbers::write(const Readable& event) { put_count(event.reader.value); }
void EventNumbers::write(const ReaderEnded& event) { put_count(event.reader.value); }
void EventNumbers::write(const Writable& event) { put_count(event.writer.value); }
void EventNumbers::write(const WriterEnded& event) { put_count(event.writer.value); }

Napi::Object EventNumbers::layout(Napi::Env env) {
  std::vector<std::string> figures;
  for_each_figure({}, {}, [&figures](std::string_view group, std::string_view name, double /*figure*/) {
    figures.push_back((group.empty() ? "" : std::string(group) + ".") + std::string(name));
  });
  Napi::Object layout = Napi::Object::New(env);
  layout.Set("kinds", list(env, event_kinds));
  layout.Set("outcomes", names_of<Outcome>(env));
  layout.Set("closeReasons", names_of<CloseReason>(env));
  layout.Set("playStates", names_of<PlayState>(env));
  layout.Set("playEnds", names_of<PlayEnd>(env));
  layout.Set("recordStates", names_of<RecordState>(env));
  layout.Set("recordEnds", names_of<RecordEnd>(env));
  layout.Set("figures", list(env, figures));
  return layout;
}

}  // namespace mediaswitch
