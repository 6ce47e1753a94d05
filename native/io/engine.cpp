#include "io/engine.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/system/system_error.hpp>

#include "io/endpoint.hpp"
#include "io/monotonic_clock.hpp"

namespace mediaswitch {
namespace {

namespace asio = boost::asio;

/// Fails as `open` would, before there is anything to clean up.
void check_bindable(asio::io_context& context, const asio::ip::address& local) {
  const asio::ip::udp::endpoint any_port(local, 0);
  const asio::ip::udp::socket socket(context, any_port);
}

}  // namespace

Engine::Engine(const Options& options, Waker& waker)
    : options_(options),
      events_(options.shards),
      // The engine itself only delivers, so it needs no pool of its own.
      outlet_(events_, waker, 0),
      random_(options.seed),
      ports_(options.low_port, options.high_port),
      load_(options.shards, 0) {
  check_bindable(binding_, options_.local);
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
    auto attempt = bind_pair(binding_, options_.local, port, sockets_);
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
  places_.emplace(id, Place{.shard = shard, .port = port});
  ++load_[shard];
  shards_[shard]->submit(
      command::Open{.runner = std::make_unique<ChannelRunner>(id, Random(random_.fork()), std::move(*bound)),
                    .remote = std::move(remote)});
  return Opened{.channel = id, .port = port};
}

template <class Make>
void Engine::submit_to(ChannelId channel, Ticket ticket, Make&& make) {
  const auto place = places_.find(channel);
  if (place == places_.end() || shards_.empty()) {
    refuse(ticket);
    return;
  }
  shards_[place->second.shard]->submit(make(Asker{.ticket = ticket, .room = {}}));
}

void Engine::target(ChannelId channel, RemoteMedia remote, Ticket ticket) {
  submit_to(channel, ticket, [&](Asker asker) {
    return command::Target{.channel = channel, .remote = std::move(remote), .asker = std::move(asker)};
  });
}

void Engine::mix(ChannelId one, ChannelId other, Ticket ticket) {
  const auto first = places_.find(one);
  const auto second = places_.find(other);
  if (first == places_.end() || second == places_.end() || shards_.empty()) {
    refuse(ticket);
    return;
  }
  const std::size_t here = first->second.shard;
  const std::size_t there = second->second.shard;
  if (here != there) {
    if (load_[here] <= load_[there]) {
      move(other, here);
    } else {
      move(one, there);
    }
  }
  submit_to(one, ticket, [&](Asker asker) {
    return command::Mix{.one = one, .other = other, .asker = std::move(asker)};
  });
}

void Engine::unmix(ChannelId channel, Ticket ticket) {
  submit_to(channel, ticket, [&](Asker asker) {
    return command::Unmix{.channel = channel, .asker = std::move(asker)};
  });
}

void Engine::close(ChannelId channel, Ticket ticket) {
  submit_to(channel, ticket, [&](Asker asker) {
    return command::Close{.channel = channel, .asker = std::move(asker)};
  });
}

void Engine::ask(ChannelId channel, Ticket ticket) {
  submit_to(channel, ticket, [&](Asker asker) {
    return command::Ask{.channel = channel, .asker = std::move(asker)};
  });
}

Engine::Health Engine::health() const {
  return {.channels = places_.size(),
          .available = ports_.available(),
          .sockets = sockets_.load(),
          .events_lost = events_.lost(),
          .moves = moves_};
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
  shards_.clear();
}

std::size_t Engine::least_loaded() const {
  return static_cast<std::size_t>(std::ranges::min_element(load_) - load_.begin());
}

void Engine::forget(ChannelId channel) {
  const auto place = places_.find(channel);
  if (place == places_.end()) return;
  --load_[place->second.shard];
  ports_.give_back(place->second.port, monotonic_now());
  places_.erase(place);
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

void Engine::refuse(Ticket ticket) {
  outlet_.deliver({}, Reply{.ticket = ticket, .outcome = Outcome::UnknownChannel, .statistics = {}});
}

}  // namespace mediaswitch
