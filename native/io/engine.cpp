#include "io/engine.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <numeric>
#include <utility>

#include "io/endpoint.hpp"
#include "io/monotonic_clock.hpp"

namespace mediaswitch {
namespace {

namespace asio = boost::asio;

/// Fails as `open` would, before there is anything to clean up.
void check_bindable(const asio::ip::address& local, SocketCount& count) {
  constexpr std::uint16_t any_port = 0;
  const auto bound = bind_one(local, any_port, count);
  if (!bound.ok()) throw boost::system::system_error(bound.error());
}

}  // namespace

Engine::Engine(const Options& options, Waker& waker)
    : options_(options),
      // One sender for each shard, and the thread that writes files.
      events_(options.shards + 1),
      waker_(waker),
      // The engine itself only delivers, so it needs no pool of its own.
      outlet_(events_, waker, 0),
      random_(options.seed),
      ports_(options.low_port, options.high_port),
      files_(events_, waker, options.shards),
      load_(options.shards, 0) {
  check_bindable(options_.local, sockets_);
  for (std::size_t i = 0; i < options_.shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(i, events_, waker));
  }
}

Engine::~Engine() { stop(); }

Result<Engine::Opened, Engine::OpenRefusal> Engine::open(std::optional<RemoteMedia> remote) {
  if (shards_.empty()) return OpenRefusal{asio::error::make_error_code(asio::error::operation_aborted)};
  const Time now = monotonic_now();
  std::vector<std::uint16_t> held_by_others;
  std::optional<BoundPair> bound;
  std::uint16_t port = 0;
  OpenRefusal refusal = OutOfPorts{};
  while (const auto candidate = ports_.take(now)) {
    port = *candidate;
    auto attempt = bind_pair(options_.local, port, sockets_);
    if (attempt.ok()) {
      bound.emplace(std::move(attempt.value()));
      break;
    }
    if (attempt.error() != asio::error::address_in_use) {
      ports_.give_back(port, now);
      refusal = attempt.error();
      break;
    }
    held_by_others.push_back(port);
  }
  for (const std::uint16_t each : held_by_others) ports_.set_aside(each, now);
  if (!bound) return refusal;

  const ChannelId id{++last_channel_};
  const std::size_t shard = least_loaded();
  const ClockRate sampling = remote ? traits(remote->formats.front().format).clocks.sampling : narrowband;
  places_.emplace(id, Place{.shard = shard, .port = port, .sampling = sampling});
  ++load_[shard];
  shards_[shard]->submit(
      command::Open{.runner = std::make_unique<ChannelRunner>(id, Random(random_.fork()), std::move(*bound)),
                    .remote = std::move(remote)});
  return Opened{.channel = id, .port = port};
}

Engine::Place* Engine::find(ChannelId channel) {
  const auto place = places_.find(channel);
  return place == places_.end() || shards_.empty() ? nullptr : &place->second;
}

template <class Make>
void Engine::submit_to(ChannelId channel, Ticket ticket, Make&& make) {
  const Place* const place = find(channel);
  if (place == nullptr) {
    answer(ticket, Outcome::UnknownChannel);
    return;
  }
  shards_[place->shard]->submit(make(Asker{.ticket = ticket, .room = {}}));
}

template <class Action>
void Engine::act(ChannelId channel, Ticket ticket, Action&& action) {
  submit_to(channel, ticket, [&](Asker asker) {
    return command::Act{
        .channel = channel, .action = make_action(std::forward<Action>(action)), .asker = std::move(asker)};
  });
}

void Engine::target(ChannelId channel, RemoteMedia remote, Ticket ticket) {
  if (Place* const place = find(channel)) {
    place->sampling = traits(remote.formats.front().format).clocks.sampling;
  }
  act(channel, ticket, [remote = std::move(remote)](ChannelRunner& runner) {
    runner.channel().target(remote);
    return Outcome::Done;
  });
}

void Engine::mix(ChannelId one, ChannelId other, Ticket ticket) {
  Place* const first = find(one);
  Place* const second = find(other);
  if (first == nullptr || second == nullptr) {
    answer(ticket, Outcome::UnknownChannel);
    return;
  }
  if (one != other && !groups_.are_together(one, other)) {
    if (groups_.has_others(one) && groups_.has_others(other)) {
      answer(ticket, Outcome::Conflict);
      return;
    }
    const bool does_other_stay =
        groups_.has_others(other) || (!groups_.has_others(one) && load_[first->shard] > load_[second->shard]);
    if (first->shard != second->shard) {
      if (does_other_stay) {
        move(one, second->shard);
      } else {
        move(other, first->shard);
      }
    }
    groups_.join(one, other);
  }
  submit_to(one, ticket, [&](Asker asker) {
    return command::Mix{.one = one, .other = other, .asker = std::move(asker)};
  });
}

void Engine::unmix(ChannelId channel, Ticket ticket) {
  groups_.part(channel);
  submit_to(channel, ticket, [&](Asker asker) {
    return command::Unmix{.channel = channel, .asker = std::move(asker)};
  });
}

void Engine::direct(ChannelId channel, Channel::Direction direction, Ticket ticket) {
  act(channel, ticket, [direction](ChannelRunner& runner) {
    runner.channel().direct(direction);
    return Outcome::Done;
  });
}

void Engine::whisper(ChannelId channel, std::optional<ChannelId> to, Ticket ticket) {
  if (to && find(*to) == nullptr) {
    answer(ticket, Outcome::UnknownChannel);
    return;
  }
  act(channel, ticket, [to](ChannelRunner& runner) {
    runner.channel().whisper(to);
    return Outcome::Done;
  });
}

void Engine::echo(ChannelId channel, Channel::Echo echo, Ticket ticket) {
  if (groups_.has_others(channel)) {
    answer(ticket, Outcome::Conflict);
    return;
  }
  act(channel, ticket, [echo](ChannelRunner& runner) {
    runner.channel().stop_playing(PlayEnd::Stopped);
    runner.channel().echo(echo);
    return Outcome::Done;
  });
}

void Engine::send_digits(ChannelId channel, Digits digits, Ticket ticket) {
  act(channel, ticket, [digits = std::move(digits)](ChannelRunner& runner) {
    const bool were_taken = runner.channel().send_digits(
        {.keys = digits.keys, .duration = digits.duration, .pause = digits.pause, .volume = digits.volume});
    return were_taken ? Outcome::Done : Outcome::Refused;
  });
}

void Engine::detect(ChannelId channel, KeyTones tones, Ticket ticket) {
  act(channel, ticket, [tones](ChannelRunner& runner) {
    runner.detect_inband_keys(tones == KeyTones::Detected);
    return Outcome::Done;
  });
}

// --- what is played

void Engine::play(ChannelId channel, Playlist playlist, Ticket ticket) {
  const Place* const place = find(channel);
  if (place == nullptr || groups_.has_others(channel)) {
    answer(ticket, place == nullptr ? Outcome::UnknownChannel : Outcome::Conflict);
    return;
  }
  const Playback::Rules rules{.ends_on_key = playlist.is_interruptible, .barge_in = std::nullopt};
  auto feed = files_.play(std::move(playlist), place->sampling);
  act(channel, ticket, [feed = std::move(feed), rules](ChannelRunner& runner) mutable {
    runner.play(std::move(feed), rules, std::nullopt);
    return Outcome::Done;
  });
}

void Engine::stop_playing(ChannelId channel, Ticket ticket) {
  act(channel, ticket, [](ChannelRunner& runner) {
    return runner.stop_playing() ? Outcome::Done : Outcome::Refused;
  });
}

void Engine::pause_playing(ChannelId channel, Ticket ticket) {
  act(channel, ticket, [](ChannelRunner& runner) {
    return runner.pause_playing() ? Outcome::Done : Outcome::Refused;
  });
}

void Engine::resume_playing(ChannelId channel, Ticket ticket) {
  act(channel, ticket, [](ChannelRunner& runner) {
    return runner.resume_playing() ? Outcome::Done : Outcome::Refused;
  });
}

// --- what is recorded

std::unique_ptr<RecorderFeed> Engine::make_recorder(RecorderId id,
                                                    ChannelId channel,
                                                    const std::string& file,
                                                    const Recording& recording,
                                                    Recorder::Begin begin) {
  const RecorderSpec spec{.channel = channel,
                          .recorder = id,
                          .recording = recording,
                          .sampling = places_.at(channel).sampling,
                          .begin = begin};
  // The book learns of the end from RecordFinished.
  return files_.record(spec, file, {});
}

void Engine::record(ChannelId channel, const std::string& file, const Recording& recording, Ticket ticket) {
  if (find(channel) == nullptr) {
    answer(ticket, Outcome::UnknownChannel);
    return;
  }
  std::optional<RecorderId> replaced = recorders_.running(channel, file);
  if (replaced && recorders_.of(*replaced).is_paused) {
    recorders_.of(*replaced).is_paused = false;
    act(channel, ticket, [id = *replaced](ChannelRunner& runner) {
      RecorderFeed* const feed = runner.recorder(id);
      if (feed != nullptr) feed->resume();
      return feed != nullptr ? Outcome::Done : Outcome::Refused;
    });
    return;
  }
  if (replaced) recorders_.of(*replaced).is_ending = true;
  const RecorderId id = recorders_.enter(channel, file);
  auto feed = make_recorder(id, channel, file, recording, Recorder::Begin::Now);
  act(channel, ticket, [id, replaced, feed = std::move(feed)](ChannelRunner& runner) mutable {
    RecorderFeed* const old = replaced ? runner.recorder(*replaced) : nullptr;
    if (old != nullptr) old->finish(RecordEnd::Replaced);
    runner.record(id, std::move(feed));
    return Outcome::Done;
  });
}

void Engine::pause_recording(ChannelId channel, const std::string& file, Ticket ticket) {
  const auto id = recorders_.running(channel, file);
  if (!id) {
    answer(ticket, find(channel) == nullptr ? Outcome::UnknownChannel : Outcome::Refused);
    return;
  }
  recorders_.of(*id).is_paused = true;
  act(channel, ticket, [id = *id](ChannelRunner& runner) {
    RecorderFeed* const feed = runner.recorder(id);
    if (feed != nullptr) feed->pause();
    return feed != nullptr ? Outcome::Done : Outcome::Refused;
  });
}

void Engine::finish_recording(ChannelId channel, const std::string& file, Ticket ticket) {
  const auto id = recorders_.running(channel, file);
  if (!id) {
    answer(ticket, find(channel) == nullptr ? Outcome::UnknownChannel : Outcome::Refused);
    return;
  }
  recorders_.of(*id).is_ending = true;
  act(channel, ticket, [id = *id](ChannelRunner& runner) {
    RecorderFeed* const feed = runner.recorder(id);
    if (feed != nullptr) feed->finish(RecordEnd::Requested);
    return feed != nullptr ? Outcome::Done : Outcome::Refused;
  });
}

void Engine::prompt(ChannelId channel, Prompt prompt, Ticket ticket) {
  const Place* const place = find(channel);
  if (place == nullptr || groups_.has_others(channel)) {
    answer(ticket, place == nullptr ? Outcome::UnknownChannel : Outcome::Conflict);
    return;
  }
  const std::optional<RecorderId> replaced = recorders_.running(channel, prompt.file);
  if (replaced) recorders_.of(*replaced).is_ending = true;
  const RecorderId id = recorders_.enter(channel, prompt.file);
  auto recorder = make_recorder(id, channel, prompt.file, prompt.recording, prompt.begin);
  const Playback::Rules rules{.ends_on_key = prompt.playlist.is_interruptible, .barge_in = prompt.barge_in};
  auto player = files_.play(std::move(prompt.playlist), place->sampling);
  act(channel,
      ticket,
      [id, replaced, rules, recorder = std::move(recorder), player = std::move(player)](
          ChannelRunner& runner) mutable {
        RecorderFeed* const old = replaced ? runner.recorder(*replaced) : nullptr;
        if (old != nullptr) old->finish(RecordEnd::Replaced);
        runner.record(id, std::move(recorder));
        runner.play(std::move(player), rules, id);
        return Outcome::Done;
      });
}

// --- what JavaScript reads and writes

std::optional<ReaderId> Engine::open_reader(ChannelId channel, ReadDirection direction, AudioFormat format) {
  const Place* const place = find(channel);
  if (place == nullptr) return std::nullopt;
  const ReaderId id{++last_stream_};
  auto opened =
      mediaswitch::open_reader({.id = id, .direction = direction, .format = format}, events_, waker_);
  readers_.emplace(id.value, Reading{.channel = channel, .drain = std::move(opened.drain)});
  shards_[place->shard]->submit(
      command::Act{.channel = channel,
                   .action = make_action([id, feed = std::move(opened.feed)](ChannelRunner& runner) mutable {
                     runner.read(id, std::move(feed));
                     return Outcome::Done;
                   }),
                   .asker = std::nullopt});
  return id;
}

ReaderDrain* Engine::reader(ReaderId id) {
  const auto found = readers_.find(id.value);
  return found == readers_.end() ? nullptr : found->second.drain.get();
}

void Engine::close_reader(ReaderId id) {
  const auto found = readers_.find(id.value);
  if (found == readers_.end()) return;
  if (const Place* const place = find(found->second.channel)) {
    shards_[place->shard]->submit(command::Act{.channel = found->second.channel,
                                               .action = make_action([id](ChannelRunner& runner) {
                                                 runner.stop_reading(id);
                                                 return Outcome::Done;
                                               }),
                                               .asker = std::nullopt});
  }
  readers_.erase(found);
}

std::optional<WriterId> Engine::open_writer(ChannelId channel, ClockRate sampling) {
  const Place* const place = find(channel);
  if (place == nullptr || groups_.has_others(channel)) return std::nullopt;
  const WriterId id{++last_stream_};
  auto opened = mediaswitch::open_writer({.id = id, .sampling = sampling}, events_, waker_);
  writers_.emplace(id.value, std::move(opened.fill));
  shards_[place->shard]->submit(
      command::Act{.channel = channel,
                   .action = make_action([feed = std::move(opened.feed)](ChannelRunner& runner) mutable {
                     runner.channel().play(std::move(feed), {});
                     return Outcome::Done;
                   }),
                   .asker = std::nullopt});
  return id;
}

WriterFill* Engine::writer(WriterId id) {
  const auto found = writers_.find(id.value);
  return found == writers_.end() ? nullptr : found->second.get();
}

void Engine::close_writer(WriterId id) {
  const auto found = writers_.find(id.value);
  if (found == writers_.end()) return;
  found->second->close();
  writers_.erase(found);
}

// --- the end, and figures

void Engine::close(ChannelId channel, CloseReason reason, Ticket ticket) {
  submit_to(channel, ticket, [&](Asker asker) {
    return command::Close{.channel = channel, .reason = reason, .asker = std::move(asker)};
  });
}

void Engine::ask(ChannelId channel, Ticket ticket) {
  submit_to(channel, ticket, [&](Asker asker) {
    return command::Ask{.channel = channel, .asker = std::move(asker)};
  });
}

Engine::Room Engine::room() const { return {.channels = places_.size(), .available = ports_.available()}; }

Engine::Health Engine::health() const {
  return {.channels = places_.size(),
          .available = ports_.available(),
          .sockets = sockets_.load(),
          .events_lost = events_.lost(),
          .moves = moves_,
          .cpu = std::accumulate(
              shards_.begin(), shards_.end(), std::chrono::microseconds{}, [](auto sum, const auto& shard) {
                return sum + shard->cpu();
              })};
}

bool Engine::can_reach(const Address& address) const {
  if (to_ip(address).is_v4()) {
    // An IPv6 socket reaches IPv4 only from the unspecified address, where it speaks both.
    return options_.local.is_v4() || options_.local.is_unspecified();
  }
  return options_.local.is_v6();
}

void Engine::stop() {
  if (shards_.empty()) return;
  for (const auto& shard : shards_) shard->submit(command::Stop{});
  for (const auto& shard : shards_) shard->join();
  // Recorders are told of before the channels that they recorded.
  files_.stop();
  for (const auto& shard : shards_) shard->tell_last_ends();
  shards_.clear();
}

std::size_t Engine::least_loaded() const {
  return static_cast<std::size_t>(std::ranges::min_element(load_) - load_.begin());
}

/// Before JavaScript is told: what it asks then is answered by what is true by then.
void Engine::heed(const Event& event) {
  if (const auto* const closed = std::get_if<Closed>(&event)) {
    const auto place = places_.find(closed->channel);
    if (place == places_.end()) return;
    --load_[place->second.shard];
    ports_.give_back(place->second.port, monotonic_now());
    places_.erase(place);
    groups_.part(closed->channel);
  } else if (const auto* const finished = std::get_if<RecordFinished>(&event)) {
    if (const Place* const place = find(finished->channel)) {
      shards_[place->shard]->submit(
          command::Forget{.channel = finished->channel, .recorder = finished->recorder});
    }
  }
}

/// After JavaScript was told.
void Engine::forget(const Event& event) {
  if (const auto* const finished = std::get_if<RecordFinished>(&event)) recorders_.strike(finished->recorder);
  if (const auto* const ended = std::get_if<WriterEnded>(&event)) writers_.erase(ended->writer.value);
}

/// Every later command of the new shard waits for the channel, which waits for nothing that was asked later:
/// so two shards that exchange channels never wait for each other in a circle.
void Engine::move(ChannelId channel, std::size_t to) {
  Place& place = places_.at(channel);
  Shard& from_shard = *shards_[place.shard];
  Shard& to_shard = *shards_[to];
  --load_[place.shard];
  ++load_[to];
  place.shard = to;
  ++moves_;
  to_shard.submit(command::Await{.channel = channel});
  from_shard.submit(command::Surrender{.channel = channel, .to = &to_shard});
}

void Engine::answer(Ticket ticket, Outcome outcome) {
  outlet_.deliver({}, Reply{.ticket = ticket, .outcome = outcome, .statistics = {}});
}

}  // namespace mediaswitch
