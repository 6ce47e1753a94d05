#include <boost/system/system_error.hpp>
#include <napi.h>
#include <optional>
#include <string>
#include <utility>

#include "binding/arguments.hpp"
#include "binding/event_queue.hpp"
#include "binding/values.hpp"
#include "io/engine.hpp"

namespace mediaswitch {
namespace {

/// `new MediaEngine(options, onEvents)`: the engine as JavaScript sees it (ts/rtp/addon.ts). One may exist in
/// each thread of Node and several in one; they share nothing.
class MediaEngine : public Napi::ObjectWrap<MediaEngine> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env,
                       "MediaEngine",
                       {InstanceMethod<&MediaEngine::open>("open"),
                        InstanceMethod<&MediaEngine::target>("target"),
                        InstanceMethod<&MediaEngine::mix>("mix"),
                        InstanceMethod<&MediaEngine::unmix>("unmix"),
                        InstanceMethod<&MediaEngine::close>("close"),
                        InstanceMethod<&MediaEngine::ask>("ask"),
                        InstanceMethod<&MediaEngine::health>("health"),
                        InstanceMethod<&MediaEngine::stop>("stop")});
  }

  explicit MediaEngine(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MediaEngine>(info) {
    const Napi::Env env = info.Env();
    const Engine::Options options = read_options({info[0], ""});
    if (!info[1].IsFunction()) refuse_argument(env, "onEvents", "has to be a function");
    events_.emplace(env, info[1].As<Napi::Function>(), [this](Napi::Env at, Napi::Function sink) {
      const Napi::Array events = drain(at);
      if (events.Length() > 0) sink.Call({events});
    });
    try {
      engine_.emplace(options, *events_);
    } catch (const boost::system::system_error& error) {
      events_->close();
      refuse_argument(env, "bind", "can't be bound to: " + error.code().message());
    } catch (...) {
      events_->close();
      throw;
    }
    // After the thread-safe function, whose own hook so comes after ours.
    napi_add_env_cleanup_hook(env, on_environment_end, this);
    is_running_ = true;
    Ref();
  }

  MediaEngine(const MediaEngine&) = delete;
  MediaEngine& operator=(const MediaEngine&) = delete;
  MediaEngine(MediaEngine&&) = delete;
  MediaEngine& operator=(MediaEngine&&) = delete;
  ~MediaEngine() override = default;

 private:
  /// A worker is terminated, or the process exits: the threads end before Node takes their way out apart.
  static void on_environment_end(void* self) {
    auto* const engine = static_cast<MediaEngine*>(self);
    engine->is_running_ = false;
    engine->engine_->stop();
    engine->events_->abandon();
  }

  Napi::Array drain(Napi::Env env) {
    Napi::Array events = Napi::Array::New(env);
    engine_->drain([&](const Event& event) { events.Set(events.Length(), to_js(env, event)); });
    return events;
  }

  void require_running(Napi::Env env) const {
    if (is_running_) return;
    Napi::Error error = Napi::Error::New(env, "the media engine was stopped");
    error.Set("code", Napi::String::New(env, "MEDIA_UNAVAILABLE"));
    throw error;
  }

  RemoteMedia read_reachable(const Napi::Value& value) const {
    const Argument remote(value, "remote");
    RemoteMedia read = read_remote(remote);
    if (!engine_->can_reach(read.address)) {
      remote.at("address").refuse("is not of the address family that media is bound to");
    }
    return read;
  }

  /// `open(remote | undefined): { channel, port }`
  Napi::Value open(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    require_running(env);
    std::optional<RemoteMedia> remote;
    if (!info[0].IsUndefined()) remote = read_reachable(info[0]);
    const auto opened = engine_->open(std::move(remote));
    if (!opened.ok()) refuse_open(env, opened.error());
    Napi::Object result = Napi::Object::New(env);
    result.Set("channel", Napi::Number::New(env, static_cast<double>(opened.value().channel.value)));
    result.Set("port", Napi::Number::New(env, opened.value().port));
    return result;
  }

  [[noreturn]] static void refuse_open(Napi::Env env, const Engine::OpenRefusal& refusal) {
    const auto* const system = std::get_if<boost::system::error_code>(&refusal);
    Napi::Error error = Napi::Error::New(
        env, system == nullptr ? "every media port is in use" : "no socket: " + system->message());
    error.Set("code", Napi::String::New(env, system == nullptr ? "MEDIA_OUT_OF_PORTS" : "MEDIA_UNAVAILABLE"));
    throw error;
  }

  /// `target(channel, remote, ticket)`
  void target(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    const ChannelId channel = read_channel({info[0], "channel"});
    RemoteMedia remote = read_reachable(info[1]);
    engine_->target(channel, std::move(remote), read_ticket({info[2], "ticket"}));
  }

  /// `mix(channel, other, ticket)`
  void mix(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    const ChannelId other = read_channel({info[1], "other"});
    engine_->mix(read_channel({info[0], "channel"}), other, read_ticket({info[2], "ticket"}));
  }

  /// `unmix(channel, ticket)`
  void unmix(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    engine_->unmix(read_channel({info[0], "channel"}), read_ticket({info[1], "ticket"}));
  }

  /// `close(channel, ticket)`
  void close(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    engine_->close(read_channel({info[0], "channel"}), read_ticket({info[1], "ticket"}));
  }

  /// `ask(channel, ticket)`: the reply brings statistics.
  void ask(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    engine_->ask(read_channel({info[0], "channel"}), read_ticket({info[1], "ticket"}));
  }

  Napi::Value health(const Napi::CallbackInfo& info) { return to_js(info.Env(), engine_->health()); }

  /// `stop(): NativeEvent[]`, the last ones. Ends every thread before it returns; again: nothing.
  Napi::Value stop(const Napi::CallbackInfo& info) {
    if (!is_running_) return Napi::Array::New(info.Env());
    is_running_ = false;
    napi_remove_env_cleanup_hook(info.Env(), on_environment_end, this);
    engine_->stop();
    events_->close();
    Unref();
    return drain(info.Env());
  }

  std::optional<EventQueue> events_;
  /// After `events_`, which its threads use.
  std::optional<Engine> engine_;
  bool is_running_ = false;
};

}  // namespace
}  // namespace mediaswitch

// The macro wants a name without a namespace.
static Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("MediaEngine", mediaswitch::MediaEngine::define(env));
  return exports;
}

NODE_API_MODULE(mediaswitch, initialise)
