#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "core/units.hpp"
#include "io/channel_runner.hpp"
#include "io/event.hpp"
#include "rtp/remote_media.hpp"

namespace mediaswitch {

class Shard;

/// Who waits for the Reply, with the room for it.
struct Asker {
  Ticket ticket;
  Events::Reservation room;
};

/// What is done with one channel, on its shard's thread. Brings along what was made for it elsewhere.
class Action {
 public:
  Action() = default;
  Action(const Action&) = delete;
  Action& operator=(const Action&) = delete;
  Action(Action&&) = delete;
  Action& operator=(Action&&) = delete;
  virtual ~Action() = default;

  virtual Outcome run(ChannelRunner& runner) = 0;
};

/// `act` takes a ChannelRunner& and returns an Outcome; what it holds may be movable only.
template <class Act>
std::unique_ptr<Action> make_action(Act&& act) {
  class Acting final : public Action {
   public:
    explicit Acting(Act&& held) : act_(std::forward<Act>(held)) {}
    Outcome run(ChannelRunner& runner) override { return act_(runner); }

   private:
    std::decay_t<Act> act_;
  };
  return std::make_unique<Acting>(std::forward<Act>(act));
}

/// What the engine tells a shard to do. A shard carries commands out in their order.
namespace command {

struct Open {
  std::unique_ptr<ChannelRunner> runner;
  std::optional<RemoteMedia> remote;
};
/// Does something with a channel, and then arranges its group anew.
struct Act {
  ChannelId channel;
  std::unique_ptr<Action> action;
  /// nullopt: nobody waits.
  std::optional<Asker> asker;
};
/// Both live on this shard.
struct Mix {
  ChannelId one;
  ChannelId other;
  Asker asker;
};
struct Unmix {
  ChannelId channel;
  Asker asker;
};
struct Close {
  ChannelId channel;
  CloseReason reason;
  Asker asker;
};
struct Ask {
  ChannelId channel;
  Asker asker;
};
/// The recorder's file is complete.
struct Forget {
  ChannelId channel;
  RecorderId recorder;
};
/// Hands the channel over to another shard.
struct Surrender {
  ChannelId channel;
  Shard* to;
};
/// Nothing after this is carried out before the channel has come over (or turned out to be gone).
struct Await {
  ChannelId channel;
};
/// Closes every channel and ends the thread.
struct Stop {};

}  // namespace command

using Command = std::variant<command::Open,
                             command::Act,
                             command::Mix,
                             command::Unmix,
                             command::Close,
                             command::Ask,
                             command::Forget,
                             command::Surrender,
                             command::Await,
                             command::Stop>;

}  // namespace mediaswitch
