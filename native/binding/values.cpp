#include "binding/values.hpp"

#include <cstdint>

namespace mediaswitch {
namespace {

Napi::Number number(Napi::Env env, std::uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

}  // namespace

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
