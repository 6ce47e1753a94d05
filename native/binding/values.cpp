#include "binding/values.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/drop.hpp"
#include "io/endpoint.hpp"

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
    case CloseReason::Shutdown: return "shutdown";
    case CloseReason::Error: return "error";
  }
  return {};
}

Napi::Object typed(Napi::Env env, std::string_view type) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("type", text(env, type));
  return object;
}

Napi::Object describe(Napi::Env env, const Reply& reply) {
  Napi::Object object = typed(env, "reply");
  object.Set("ticket", number(env, reply.ticket.value));
  object.Set("isKnown", Napi::Boolean::New(env, reply.outcome == Outcome::Done));
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
  return object;
}

}  // namespace

Napi::Object to_js(Napi::Env env, const Statistics& statistics) {
  Napi::Object received = Napi::Object::New(env);
  received.Set("packets", number(env, statistics.received.packets));
  received.Set("octets", number(env, statistics.received.octets));
  received.Set("lost", number(env, statistics.lost));
  received.Set("jitterMillis", Napi::Number::New(env, statistics.jitter_millis));

  Napi::Object sent = Napi::Object::New(env);
  sent.Set("packets", number(env, statistics.sent.packets));
  sent.Set("octets", number(env, statistics.sent.octets));

  Napi::Object dropped = Napi::Object::New(env);
  for (const Drop drop : all_drops) {
    dropped.Set(text(env, name(drop)), number(env, statistics.dropped.of(drop)));
  }

  Napi::Object object = Napi::Object::New(env);
  object.Set("received", received);
  object.Set("sent", sent);
  object.Set("dropped", dropped);
  return object;
}

Napi::Object to_js(Napi::Env env, const Engine::Health& health) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("channels", number(env, health.channels));
  object.Set("available", number(env, health.available));
  object.Set("sockets", number(env, health.sockets));
  object.Set("eventsLost", number(env, health.events_lost));
  object.Set("moves", number(env, health.moves));
  return object;
}

Napi::Object to_js(Napi::Env env, const Event& event) {
  return std::visit([env](const auto& each) { return describe(env, each); }, event);
}

}  // namespace mediaswitch
