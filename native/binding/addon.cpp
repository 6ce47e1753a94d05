#include <algorithm>
#include <array>
#include <boost/system/system_error.hpp>
#include <napi.h>
#include <optional>
#include <string>
#include <utility>

#include "audio/tone.hpp"
#include "audio/wav.hpp"
#include "binding/arguments.hpp"
#include "binding/datagram_socket.hpp"
#include "binding/event_numbers.hpp"
#include "binding/event_queue.hpp"
#include "binding/media_arguments.hpp"
#include "binding/values.hpp"
#include "io/engine.hpp"
#include "io/file.hpp"

namespace mediaswitch {
namespace {

/// `new MediaEngine(options, onEvents)`: the engine as JavaScript sees it (ts/rtp/addon.ts). One may exist in
/// each thread of Node and several in one; they share nothing.
class MediaEngine : public Napi::ObjectWrap<MediaEngine> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env,
                       "MediaEngine",
                       {InstanceMethod<&MediaEngine::open>("openPaired"),
                        InstanceMethod<&MediaEngine::target>("target"),
                        InstanceMethod<&MediaEngine::mix>("mix"),
                        InstanceMethod<&MediaEngine::unmix>("unmix"),
                        InstanceMethod<&MediaEngine::direction>("direction"),
                        InstanceMethod<&MediaEngine::whisper>("whisper"),
                        InstanceMethod<&MediaEngine::dtmf>("dtmf"),
                        InstanceMethod<&MediaEngine::detect>("detect"),
                        InstanceMethod<&MediaEngine::echo>("echo"),
                        InstanceMethod<&MediaEngine::play>("play"),
                        InstanceMethod<&MediaEngine::stop_play>("stopPlay"),
                        InstanceMethod<&MediaEngine::pause_play>("pausePlay"),
                        InstanceMethod<&MediaEngine::resume_play>("resumePlay"),
                        InstanceMethod<&MediaEngine::record>("record"),
                        InstanceMethod<&MediaEngine::pause_record>("pauseRecord"),
                        InstanceMethod<&MediaEngine::finish_record>("finishRecord"),
                        InstanceMethod<&MediaEngine::play_record>("playRecord"),
                        InstanceMethod<&MediaEngine::open_reader>("openReader"),
                        InstanceMethod<&MediaEngine::read>("read"),
                        InstanceMethod<&MediaEngine::close_reader>("closeReader"),
                        InstanceMethod<&MediaEngine::open_writer>("openWriter"),
                        InstanceMethod<&MediaEngine::write>("write"),
                        InstanceMethod<&MediaEngine::end_writer>("endWriter"),
                        InstanceMethod<&MediaEngine::close_writer>("closeWriter"),
                        InstanceMethod<&MediaEngine::close>("close"),
                        InstanceMethod<&MediaEngine::ask>("ask"),
                        InstanceMethod<&MediaEngine::health>("health"),
                        InstanceMethod<&MediaEngine::room>("roomPaired"),
                        InstanceMethod<&MediaEngine::stop>("stopWith")});
  }

  explicit MediaEngine(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MediaEngine>(info) {
    const Napi::Env env = info.Env();
    const Engine::Options options = read_options({info[0], ""});
    if (!info[1].IsFunction()) refuse_argument(env, "onEvents", "has to be a function");
    events_.emplace(env, info[1].As<Napi::Function>(), [this](Napi::Env at, Napi::Function sink) {
      drain();
      if (!numbers_.is_empty()) numbers_.give(at, sink);
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

  void drain() {
    engine_->drain([&](const Event& event) { numbers_.add(event); });
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

  /// Two numbers as one, the second of 16 bits: to JavaScript that is much cheaper to give than an object.
  static Napi::Value pair(Napi::Env env, std::uint64_t first, std::uint64_t second) {
    constexpr double sixteen_bits = 65536;
    return Napi::Number::New(env, static_cast<double>(first) * sixteen_bits + static_cast<double>(second));
  }

  /// `openPaired(remote | undefined)`: channel and port
  Napi::Value open(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    require_running(env);
    std::optional<RemoteMedia> remote;
    if (!info[0].IsUndefined()) remote = read_reachable(info[0]);
    const auto opened = engine_->open(std::move(remote));
    if (!opened.ok()) refuse_open(env, opened.error());
    return pair(env, opened.value().channel.value, opened.value().port);
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

  /// `direction(channel, send, recv, ticket)`
  void direction(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    const Channel::Direction direction{.may_send = Argument(info[1], "send").boolean(),
                                       .may_receive = Argument(info[2], "recv").boolean()};
    engine_->direct(read_channel({info[0], "channel"}), direction, read_ticket({info[3], "ticket"}));
  }

  /// `whisper(channel, to | undefined, ticket)`
  void whisper(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    std::optional<ChannelId> to;
    if (!info[1].IsUndefined()) to = read_channel({info[1], "to"});
    engine_->whisper(read_channel({info[0], "channel"}), to, read_ticket({info[2], "ticket"}));
  }

  /// `dtmf(channel, digits, ticket)`
  void dtmf(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    engine_->send_digits(
        read_channel({info[0], "channel"}), read_digits({info[1], ""}), read_ticket({info[2], "ticket"}));
  }

  /// `detect(channel, inband, ticket)`
  void detect(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    const bool is_wanted = Argument(info[1], "inband").boolean();
    engine_->detect(read_channel({info[0], "channel"}),
                    is_wanted ? Engine::KeyTones::Detected : Engine::KeyTones::Ignored,
                    read_ticket({info[2], "ticket"}));
  }

  /// `echo(channel, enabled, ticket)`
  void echo(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    const Channel::Echo echo{.is_on = Argument(info[1], "enabled").boolean()};
    engine_->echo(read_channel({info[0], "channel"}), echo, read_ticket({info[2], "ticket"}));
  }

  /// `play(channel, playlist, ticket)`
  void play(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    const ChannelId channel = read_channel({info[0], "channel"});
    Playlist playlist = read_playlist({info[1], "playlist"});
    engine_->play(channel, std::move(playlist), read_ticket({info[2], "ticket"}));
  }

  /// `stopPlay(channel, ticket)`
  void stop_play(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    engine_->stop_playing(read_channel({info[0], "channel"}), read_ticket({info[1], "ticket"}));
  }

  /// `pausePlay(channel, ticket)`
  void pause_play(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    engine_->pause_playing(read_channel({info[0], "channel"}), read_ticket({info[1], "ticket"}));
  }

  /// `resumePlay(channel, ticket)`
  void resume_play(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    engine_->resume_playing(read_channel({info[0], "channel"}), read_ticket({info[1], "ticket"}));
  }

  /// `record(channel, recording, ticket)`
  void record(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    const ChannelId channel = read_channel({info[0], "channel"});
    const NamedRecording named = read_recording({info[1], "recording"});
    engine_->record(channel, named.file, named.recording, read_ticket({info[2], "ticket"}));
  }

  /// `pauseRecord(channel, file, ticket)`
  void pause_record(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    const std::string file = Argument(info[1], "file").text();
    engine_->pause_recording(read_channel({info[0], "channel"}), file, read_ticket({info[2], "ticket"}));
  }

  /// `finishRecord(channel, file, ticket)`
  void finish_record(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    const std::string file = Argument(info[1], "file").text();
    engine_->finish_recording(read_channel({info[0], "channel"}), file, read_ticket({info[2], "ticket"}));
  }

  /// `playRecord(channel, prompt, ticket)`
  void play_record(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    const ChannelId channel = read_channel({info[0], "channel"});
    Engine::Prompt prompt = read_prompt({info[1], "prompt"});
    engine_->prompt(channel, std::move(prompt), read_ticket({info[2], "ticket"}));
  }

  /// `openReader(channel, reader): number`
  Napi::Value open_reader(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    require_running(env);
    const ReaderRequest wanted = read_reader({info[1], "reader"});
    const auto id = engine_->open_reader(read_channel({info[0], "channel"}), wanted.direction, wanted.format);
    if (!id) refuse_channel(env);
    return Napi::Number::New(env, static_cast<double>(id->value));
  }

  /// `read(reader): Uint8Array | undefined`
  Napi::Value read(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    ReaderDrain* const drain = is_running_ ? engine_->reader({read_number(info[0], "reader")}) : nullptr;
    const std::size_t waiting = drain == nullptr ? 0 : drain->waiting();
    Napi::Uint8Array octets = Napi::Uint8Array::New(env, waiting);
    // Asked also when nothing waits: that is how it tells that an event is wanted.
    const std::size_t size = drain == nullptr ? 0 : drain->read({octets.Data(), waiting});
    if (size == 0) return env.Undefined();
    if (size == waiting) return octets;
    return Napi::Uint8Array::New(env, size, octets.ArrayBuffer(), 0);
  }

  /// `closeReader(reader)`
  void close_reader(const Napi::CallbackInfo& info) {
    const ReaderId id{read_number(info[0], "reader")};
    if (is_running_) engine_->close_reader(id);
  }

  /// `openWriter(channel, samplingRate): number`
  Napi::Value open_writer(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    require_running(env);
    const ClockRate sampling = read_sampling_rate({info[1], "samplingRate"});
    const auto id = engine_->open_writer(read_channel({info[0], "channel"}), sampling);
    if (!id) refuse_channel(env);
    return Napi::Number::New(env, static_cast<double>(id->value));
  }

  /// `write(writer, samples): number`
  Napi::Value write(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const Napi::Value samples = info[1];
    if (!samples.IsTypedArray() || samples.As<Napi::TypedArray>().TypedArrayType() != napi_int16_array) {
      refuse_argument(env, "samples", "has to be an Int16Array");
    }
    auto pcm = samples.As<Napi::Int16Array>();
    WriterFill* const fill = is_running_ ? engine_->writer({read_number(info[0], "writer")}) : nullptr;
    const std::size_t taken = fill == nullptr ? 0 : fill->write({pcm.Data(), pcm.ElementLength()});
    return Napi::Number::New(env, static_cast<double>(taken));
  }

  /// `endWriter(writer)`
  void end_writer(const Napi::CallbackInfo& info) {
    WriterFill* const fill = is_running_ ? engine_->writer({read_number(info[0], "writer")}) : nullptr;
    if (fill != nullptr) fill->end();
  }

  /// `closeWriter(writer)`
  void close_writer(const Napi::CallbackInfo& info) {
    const WriterId id{read_number(info[0], "writer")};
    if (is_running_) engine_->close_writer(id);
  }

  [[noreturn]] static void refuse_channel(Napi::Env env) {
    Napi::Error error = Napi::Error::New(env, "there is no such channel, or it is in a group with others");
    error.Set("code", Napi::String::New(env, "MEDIA_CHANNEL_UNKNOWN"));
    error.Set("field", Napi::String::New(env, "channel"));
    throw error;
  }

  /// `close(channel, reason, ticket)`
  void close(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    constexpr std::array reasons{CloseReason::Requested, CloseReason::LeaseExpired};
    const std::size_t reason = Argument(info[1], "reason").one_of({"requested", "lease-expired"});
    engine_->close(read_channel({info[0], "channel"}), reasons.at(reason), read_ticket({info[2], "ticket"}));
  }

  /// `ask(channel, ticket)`: the reply brings statistics.
  void ask(const Napi::CallbackInfo& info) {
    require_running(info.Env());
    engine_->ask(read_channel({info[0], "channel"}), read_ticket({info[1], "ticket"}));
  }

  Napi::Value health(const Napi::CallbackInfo& info) { return to_js(info.Env(), engine_->health()); }

  /// `roomPaired()`: channels that are open, and how many more could be
  Napi::Value room(const Napi::CallbackInfo& info) {
    const Engine::Room room = engine_->room();
    return pair(info.Env(), room.channels, room.available);
  }

  /// `stopWith(take)`: `take` is called with the last events. Ends every thread before; again: nothing.
  void stop(const Napi::CallbackInfo& info) {
    if (!is_running_) return;
    const Napi::Env env = info.Env();
    if (!info[0].IsFunction()) refuse_argument(env, "take", "has to be a function");
    is_running_ = false;
    napi_remove_env_cleanup_hook(env, on_environment_end, this);
    engine_->stop();
    events_->close();
    Unref();
    drain();
    numbers_.give(env, info[0].As<Napi::Function>());
  }

  EventNumbers numbers_{[this](RecorderId id) { return engine_->file_of(id); }};
  std::optional<EventQueue> events_;
  /// After `events_`, which its threads use.
  std::optional<Engine> engine_;
  bool is_running_ = false;
};

/// `renderTone(tones, samplingRate): Int16Array`
Napi::Value render(const Napi::CallbackInfo& info) {
  const auto cadences = read_tones({info[0], "tones"});
  const auto pcm = render_tone(cadences, read_sampling_rate({info[1], "samplingRate"}));
  Napi::Int16Array samples = Napi::Int16Array::New(info.Env(), pcm.size());
  std::ranges::copy(pcm, samples.Data());
  return samples;
}

/// `soundInfo(path): SoundInfo`, after reading the file's header; waits for the disk.
Napi::Value tell_sound(const Napi::CallbackInfo& info) {
  const Argument path(info[0], "file");
  const auto file = open_file(path.text());
  if (!file) path.refuse("is no file that can be read");
  const auto header = read_wav_header(*file);
  if (!header.ok()) path.refuse("is no WAV file: " + std::string(name(header.error())));
  return to_js(info.Env(), header.value());
}

}  // namespace
}  // namespace mediaswitch

// The macro wants a name without a namespace.
static Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("MediaEngine", mediaswitch::MediaEngine::define(env));
  exports.Set("layout", mediaswitch::EventNumbers::layout(env));
  exports.Set("DatagramSocket", mediaswitch::define_datagram_socket(env));
  exports.Set("renderTone", Napi::Function::New<mediaswitch::render>(env, "renderTone"));
  exports.Set("soundInfo", Napi::Function::New<mediaswitch::tell_sound>(env, "soundInfo"));
  return exports;
}

NODE_API_MODULE(mediaswitch, initialise)
