#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/random.hpp"
#include "io/event.hpp"
#include "io/reader_feed.hpp"
#include "io/recorder_feed.hpp"
#include "io/udp_pair.hpp"
#include "rtp/channel.hpp"
#include "rtp/inband_keys.hpp"
#include "rtp/outbox.hpp"

namespace mediaswitch {

/// What a shard lends to the channels that live on it.
struct Home {
  Receiving receiving;
  EventOutlet events;
  /// The channel's sockets can't be read any more.
  std::function<void(ChannelId)> on_broken;
  /// The channel's group is to be arranged anew, after what is being done now.
  std::function<void(ChannelId)> on_needs_arranging;
};

/// A channel with its sockets, its recorders and readers, and its way to tell of events. Lives on one shard
/// at a time.
class ChannelRunner final : public Outbox, public UdpPair::Listener {
 public:
  ChannelRunner(ChannelId id, Random random, BoundPair sockets);

  /// Starts reading on a shard's thread. False: the system has no room for it; the channel is to be closed.
  [[nodiscard]] bool settle(Home& home);
  /// Stops reading, so that another shard can go on. On the thread of the shard it leaves, out of any group.
  void leave();

  /// The first half of its end: what it plays, records and is read from ends, it says goodbye, and its
  /// sockets close. It is in no group any more. True: nothing is left to wait for.
  [[nodiscard]] bool begin_end(CloseReason reason);
  /// The second half, once no recorder is left: tells that the channel is gone. Only destruction may follow.
  void tell_end();

  [[nodiscard]] Channel& channel() { return channel_; }

  /// Plays; `prompt_of` is a recorder that is held until playing has ended.
  void play(std::unique_ptr<FrameSource> source,
            const Playback::Rules& rules,
            std::optional<RecorderId> prompt_of);
  /// False: nothing plays.
  [[nodiscard]] bool pause_playing();
  [[nodiscard]] bool resume_playing();
  [[nodiscard]] bool stop_playing();

  void record(RecorderId id, std::unique_ptr<RecorderFeed> feed);
  /// nullptr: it has ended.
  [[nodiscard]] RecorderFeed* recorder(RecorderId id);
  /// Its file is complete. True: the channel has ended, and that was what it still waited for.
  [[nodiscard]] bool forget_recorder(RecorderId id);

  void read(ReaderId id, std::unique_ptr<ReaderFeed> feed);
  void stop_reading(ReaderId id);
  void detect_inband_keys(bool is_wanted);

  void tell_mix(bool has_started);

  // Outbox
  std::optional<Drop> send(std::span<const std::uint8_t> packet, const Address& to) override;
  std::optional<Drop> send_control(std::span<const std::uint8_t> packet, const Address& to) override;
  void source_rejected(const Address& from) override;
  void key_pressed(char key, KeySource source) override;
  void key_released(char key, Millis held) override;
  void play_ended(PlayEnd reason) override;
  void needs_arranging() override;
  void read(Reading when) override { pair_->read(when); }
  void read_gathered() override { pair_->read_gathered(); }

  // UdpPair::Listener
  void on_rtp(const Datagram& datagram) override { channel_.receive(datagram); }
  void on_rtcp(const Datagram& datagram) override { channel_.receive_control(datagram); }
  void on_oversize() override { channel_.receive_oversize(); }
  void on_broken() override { home_->on_broken(channel_.id()); }

 private:
  struct Recorder {
    RecorderId id;
    std::unique_ptr<RecorderFeed> feed;
  };
  struct Reader {
    ReaderId id;
    std::unique_ptr<ReaderFeed> feed;
  };

  Channel channel_;
  std::vector<Recorder> recorders_;
  std::vector<Reader> readers_;
  std::unique_ptr<InbandKeys> inband_keys_;
  std::optional<RecorderId> prompt_of_;
  /// While on no shard.
  std::optional<BoundPair> sockets_;
  /// While on a shard.
  std::unique_ptr<UdpPair> pair_;
  Home* home_ = nullptr;
  Events::Reservation closed_;
  /// Told when `begin_end` has been called.
  std::optional<Closed> last_;
};

}  // namespace mediaswitch
