#include "binding/values.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "core/drop.hpp"
#include "io/endpoint.hpp"
#include "io/monotonic_clock.hpp"

namespace mediaswitch {
namespace {

Napi::Number number(Napi::Env env, std::uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::String text(Napi::Env env, std::string_view value) {
  return Napi::String::New(env, value.data(), value.size());
}

std::string_view name(CloseReason reason) {
  switch (reason) {
    case CloseReason::Requested: return "requested";
    case CloseReason::IdleTimeout: return "idle-timeout";
    case CloseReason::LeaseExpired: return "lease-expired";
    case CloseReason::Shutdown: return "shutdown";
    case CloseReason::Error: return "error";
  }
  return {};
}

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::Done: return "done";
    case Outcome::UnknownChannel: return "unknown";
    case Outcome::Conflict: return "conflict";
    case Outcome::Refused: return "refused";
  }
  return {};
}

std::string_view name(PlayState state) {
  switch (state) {
    case PlayState::Started: return "start";
    case PlayState::Paused: return "paused";
    case PlayState::Resumed: return "resumed";
  }
  return {};
}

std::string_view name(PlayEnd reason) {
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

std::string_view name(RecordState state) {
  switch (state) {
    case RecordState::Recording: return "recording";
    case RecordState::AbovePower: return "recording.abovepower";
    case RecordState::Paused: return "paused";
    case RecordState::Resumed: return "resumed";
    case RecordState::SlowDisk: return "slow-disk";
  }
  return {};
}

std::string_view name(RecordEnd reason) {
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

template <class Number>
Napi::Value number_or_null(Napi::Env env, const std::optional<Number>& value) {
  if (!value) return env.Null();
  return Napi::Number::New(env, static_cast<double>(*value));
}

Napi::Object typed(Napi::Env env, std::string_view type) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("type", text(env, type));
  return object;
}

using FileOf = std::function<std::string(RecorderId)>;

Napi::Object describe(Napi::Env env, const Reply& reply) {
  Napi::Object object = typed(env, "reply");
  object.Set("ticket", number(env, reply.ticket.value));
  object.Set("outcome", text(env, name(reply.outcome)));
  if (reply.statistics) object.Set("statistics", to_js(env, *reply.statistics));
  return object;
}

Napi::Object describe(Napi::Env env, const Closed& closed) {
  Napi::Object object = typed(env, "closed");
  object.Set("channel", number(env, closed.channel.value));
  object.Set("reason", text(env, name(closed.reason)));
  object.Set("statistics", to_js(env, closed.statistics));
  return object;
}

Napi::Object describe(Napi::Env env, const SourceRejected& rejected) {
  Napi::Object object = typed(env, "source-rejected");
  object.Set("channel", number(env, rejected.channel.value));
  object.Set("address", text(env, to_ip(rejected.from).to_string()));
  object.Set("port", number(env, rejected.from.port));
  return object;
}

Napi::Object describe(Napi::Env env, const KeyPressed& pressed) {
  Napi::Object object = typed(env, "telephone-event");
  object.Set("channel", number(env, pressed.channel.value));
  object.Set("event", text(env, {&pressed.key, 1}));
  if (pressed.is_inband) object.Set("inband", Napi::Boolean::New(env, true));
  return object;
}

Napi::Object describe(Napi::Env env, const KeyReleased& released) {
  Napi::Object object = typed(env, "telephone-event-end");
  object.Set("channel", number(env, released.channel.value));
  object.Set("event", text(env, {&released.key, 1}));
  object.Set("durationMillis", Napi::Number::New(env, static_cast<double>(released.held.count())));
  return object;
}

Napi::Object describe(Napi::Env env, const PlayChanged& changed) {
  Napi::Object object = typed(env, "play");
  object.Set("channel", number(env, changed.channel.value));
  object.Set("event", text(env, name(changed.state)));
  if (changed.state == PlayState::Started) object.Set("reason", text(env, "new"));
  return object;
}

Napi::Object describe(Napi::Env env, const PlayEnded& ended) {
  Napi::Object object = typed(env, "play");
  object.Set("channel", number(env, ended.channel.value));
  object.Set("event", text(env, "end"));
  object.Set("reason", text(env, name(ended.reason)));
  return object;
}

Napi::Object describe(Napi::Env env, const RecordChanged& changed, const FileOf& file_of) {
  Napi::Object object = typed(env, "record");
  object.Set("channel", number(env, changed.channel.value));
  object.Set("file", text(env, file_of(changed.recorder)));
  object.Set("event", text(env, name(changed.state)));
  return object;
}

Napi::Object describe(Napi::Env env, const RecordFinished& finished, const FileOf& file_of) {
  Napi::Object object = typed(env, "record");
  object.Set("channel", number(env, finished.channel.value));
  object.Set("file", text(env, file_of(finished.recorder)));
  object.Set("event", text(env, "finished"));
  object.Set("reason", text(env, name(finished.reason)));
  object.Set("filesize", number(env, finished.octets));
  object.Set("durationMillis", Napi::Number::New(env, static_cast<double>(finished.duration.count())));
  return object;
}

Napi::Object describe(Napi::Env env, const MixChanged& changed) {
  Napi::Object object = typed(env, "mix");
  object.Set("channel", number(env, changed.channel.value));
  object.Set("event", text(env, changed.has_started ? "start" : "finished"));
  return object;
}

Napi::Object describe_stream(Napi::Env env, std::string_view type, const char* kind, std::uint64_t id) {
  Napi::Object object = typed(env, type);
  object.Set(kind, number(env, id));
  return object;
}

Napi::Object describe(Napi::Env env, const Readable& event) {
  return describe_stream(env, "readable", "reader", event.reader.value);
}
Napi::Object describe(Napi::Env env, const ReaderEnded& event) {
  return describe_stream(env, "reader-ended", "reader", event.reader.value);
}
Napi::Object describe(Napi::Env env, const Writable& event) {
  return describe_stream(env, "writable", "writer", event.writer.value);
}
Napi::Object describe(Napi::Env env, const WriterEnded& event) {
  return describe_stream(env, "writer-ended", "writer", event.writer.value);
}

Napi::Object quality(Napi::Env env, const Traffic& traffic, const StreamQuality& quality) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("packets", number(env, traffic.packets));
  object.Set("octets", number(env, traffic.octets));
  object.Set("lost", number_or_null(env, quality.lost));
  object.Set("jitterMillis", number_or_null(env, quality.jitter_millis));
  object.Set("rFactor", number_or_null(env, quality.r_factor));
  object.Set("mos", number_or_null(env, quality.mos));
  return object;
}

Napi::Object describe(Napi::Env env, const TickLateness& ticks) {
  const auto micros = [](Time::duration length) {
    return std::chrono::duration<double, std::micro>(length).count();
  };
  const double mean = ticks.count == 0 ? 0 : micros(ticks.sum) / static_cast<double>(ticks.count);
  Napi::Object object = Napi::Object::New(env);
  object.Set("count", number(env, ticks.count));
  object.Set("meanUs", Napi::Number::New(env, mean));
  object.Set("maxUs", Napi::Number::New(env, micros(ticks.longest)));
  return object;
}

Napi::Object describe(Napi::Env env, const Ear::Statistics& ear) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("delayMillis", Napi::Number::New(env, static_cast<double>(ear.delay.count())));
  object.Set("concealed", number(env, ear.frames_concealed));
  object.Set("samplesRemoved", number(env, ear.samples_removed));
  object.Set("samplesInserted", number(env, ear.samples_inserted));
  return object;
}

/// `192.0.2.7:4000`, `[2001:db8::7]:4000`.
std::string to_text(const Address& address) {
  const auto ip = to_ip(address);
  const std::string host = ip.is_v6() ? "[" + ip.to_string() + "]" : ip.to_string();
  return host + ":" + std::to_string(address.port);
}

Napi::Object describe(Napi::Env env, const Heard& heard, Time now) {
  const auto millis = [env](Time::duration length) {
    return Napi::Number::New(env, std::chrono::duration<double, std::milli>(length).count());
  };
  Napi::Object object = Napi::Object::New(env);
  object.Set("from", text(env, to_text(heard.from)));
  object.Set("firstAgoMillis", millis(now - heard.first));
  object.Set("lastAgoMillis", millis(now - heard.last));
  object.Set("longestGapMillis", millis(heard.longest_gap));
  object.Set("longestGapAgoMillis", millis(now - heard.gap_over));
  return object;
}

/// Those that there were.
Napi::Object describe_refused(Napi::Env env, const DropCounts& refused) {
  Napi::Object object = Napi::Object::New(env);
  for (const Drop reason : all_drops) {
    if (refused.of(reason) > 0) object.Set(text(env, name(reason)), number(env, refused.of(reason)));
  }
  return object;
}

}  // namespace

Napi::Object to_js(Napi::Env env, const Statistics& statistics) {
  Napi::Object dropped = Napi::Object::New(env);
  for (const Drop drop : all_drops) {
    dropped.Set(text(env, name(drop)), number(env, statistics.dropped.of(drop)));
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("datagrams", number(env, statistics.datagrams));
  object.Set("forwarded", number(env, statistics.forwarded));
  object.Set("consumed", number(env, statistics.consumed));
  object.Set("received", quality(env, statistics.received, statistics.of_received));
  object.Set("sent", quality(env, statistics.sent, statistics.of_sent));
  object.Set("roundTripMillis", number_or_null(env, statistics.round_trip_millis));
  object.Set("dropped", dropped);
  object.Set("refused", describe_refused(env, statistics.refused));
  object.Set("tick", describe(env, statistics.ticks));
  if (statistics.jitter_buffer) object.Set("jitterBuffer", describe(env, *statistics.jitter_buffer));
  // Reckoned from now, not from when the figures were taken: their way here takes nothing away.
  if (statistics.heard) object.Set("heard", describe(env, *statistics.heard, monotonic_now()));
  return object;
}

Napi::Object to_js(Napi::Env env, const Engine::Health& health) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("channels", number(env, health.channels));
  object.Set("available", number(env, health.available));
  object.Set("sockets", number(env, health.sockets));
  object.Set("eventsLost", number(env, health.events_lost));
  object.Set("moves", number(env, health.moves));
  object.Set("cpuMicros", Napi::Number::New(env, static_cast<double>(health.cpu.count())));
  return object;
}

Napi::Object to_js(Napi::Env env, const Event& event, const FileOf& file_of) {
  return std::visit(
      [&](const auto& each) {
        using Kind = std::decay_t<decltype(each)>;
        if constexpr (std::is_same_v<Kind, RecordChanged> || std::is_same_v<Kind, RecordFinished>) {
          return describe(env, each, file_of);
        } else {
          return describe(env, each);
        }
      },
      event);
}

Napi::Object to_js(Napi::Env env, const WavHeader& header) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("audioformat", number(env, header.audio_format));
  object.Set("channelcount", number(env, header.channel_count));
  object.Set("samplerate", number(env, header.sample_rate.value));
  object.Set("samplealignment", number(env, header.sample_alignment));
  object.Set("byterate", number(env, header.byte_rate));
  object.Set("bitdepth", number(env, header.bit_depth));
  object.Set("chunksize", number(env, header.chunk_size));
  object.Set("fmtchunksize", number(env, header.fmt_chunk_size));
  object.Set("subchunksize", number(env, header.subchunk_size));
  return object;
}

}  // namespace mediaswitch
