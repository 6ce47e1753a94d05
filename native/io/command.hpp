#pragma once

#include <memory>
#include <optional>
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

/// What the engine tells a shard to do. A shard carries commands out in their order.
namespace command {

struct Open {
  std::unique_ptr<ChannelRunner> runner;
  std::optional<RemoteMedia> remote;
};
struct Target {
  ChannelId channel;
  RemoteMedia remote;
  Asker asker;
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
  Asker asker;
};
struct Ask {
  ChannelId channel;
  Asker asker;
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
                             command::Target,
                             command::Mix,
                             command::Unmix,
                             command::Close,
                             command::Ask,
                             command::Surrender,
                             command::Await,
                             command::Stop>;

}  // namespace mediaswitch
