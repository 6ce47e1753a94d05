#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "audio/barge_in.hpp"
#include "audio/playlist.hpp"
#include "audio/recorder.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "core/units.hpp"
#include "io/bound_pair.hpp"
#include "io/event.hpp"
#include "io/file_work.hpp"
#include "io/membership.hpp"
#include "io/port_pool.hpp"
#include "io/reader_feed.hpp"
#include "io/recorder_book.hpp"
#include "io/shard.hpp"
#include "io/writer_feed.hpp"
#include "rtp/channel.hpp"
#include "rtp/remote_media.hpp"

namespace mediaswitch {

/// The shards, the ports, and which channel lives where. Used by one thread only (JavaScript's).
///
/// Every command is answered by a Reply with its ticket among the events; `drain` hands those out.
class Engine {
 public:
  struct Options {
    /// All sockets are bound to it.
    boost::asio::ip::address local;
    std::uint16_t low_port = 0;
    std::uint16_t high_port = 0;
    std::size_t shards = 1;
    Random::Seed seed{};
  };

  struct Opened {
    ChannelId channel;
    std::uint16_t port = 0;
  };
  struct OutOfPorts {};
  using OpenRefusal = std::variant<OutOfPorts, boost::system::error_code>;

  struct Room {
    std::size_t channels = 0;
    std::size_t available = 0;
  };
  struct Health {
    std::size_t channels = 0;
    std::size_t available = 0;
    std::uint32_t sockets = 0;
    std::uint64_t events_lost = 0;
    /// Channels moved between shards, since the start.
    std::uint64_t moves = 0;
    /// Of all media threads, since the start.
    std::chrono::microseconds cpu{};
  };

  /// Throws boost::system::system_error when `local` is no address of this machine.
  Engine(const Options& options, Waker& waker);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  Engine(Engine&&) = delete;
  Engine& operator=(Engine&&) = delete;
  /// Stops.
  ~Engine();

  /// On the least loaded shard.
  Result<Opened, OpenRefusal> open(std::optional<RemoteMedia> remote);
  void target(ChannelId channel, RemoteMedia remote, Ticket ticket);
  /// From now on both are of one group. Channels of two shards come together on one of them: who is alone
  /// moves, between two packets. Conflict: each is in a group with others.
  void mix(ChannelId one, ChannelId other, Ticket ticket);
  void unmix(ChannelId channel, Ticket ticket);
  void direct(ChannelId channel, Channel::Direction direction, Ticket ticket);
  /// UnknownChannel also where `to` is none.
  void whisper(ChannelId channel, std::optional<ChannelId> to, Ticket ticket);
  void echo(ChannelId channel, Channel::Echo echo, Ticket ticket);
  struct Digits {
    std::string keys;
    Millis duration{};
    Millis pause{};
    std::uint8_t volume = 0;
  };
  /// Refused: the far end takes none, or too many wait.
  void send_digits(ChannelId channel, Digits digits, Ticket ticket);
  enum class KeyTones : std::uint8_t { Ignored, Detected };
  void detect(ChannelId channel, KeyTones tones, Ticket ticket);

  /// Conflict: the channel is in a group with others.
  void play(ChannelId channel, Playlist playlist, Ticket ticket);
  /// Refused: nothing plays. So the next two.
  void stop_playing(ChannelId channel, Ticket ticket);
  void pause_playing(ChannelId channel, Ticket ticket);
  void resume_playing(ChannelId channel, Ticket ticket);

  /// A new recorder of that file; one that runs is ended (Replaced), one that is paused goes on instead.
  void record(ChannelId channel, const std::string& file, const Recording& recording, Ticket ticket);
  /// Refused: there is no recorder of that file. So the next.
  void pause_recording(ChannelId channel, const std::string& file, Ticket ticket);
  void finish_recording(ChannelId channel, const std::string& file, Ticket ticket);

  /// A playlist and the recording of what is said after it, without a gap between them.
  struct Prompt {
    Playlist playlist;
    std::string file;
    Recording recording;
    /// Speech ends the playlist.
    std::optional<BargeIn::Options> barge_in;
    Recorder::Begin begin = Recorder::Begin::Held;
  };
  void prompt(ChannelId channel, Prompt prompt, Ticket ticket);

  /// nullopt: there is no such channel.
  std::optional<ReaderId> open_reader(ChannelId channel, ReadDirection direction, AudioFormat format);
  /// nullptr: it was closed.
  [[nodiscard]] ReaderDrain* reader(ReaderId id);
  void close_reader(ReaderId id);
  /// Takes the place of what is played. nullopt: there is no such channel.
  std::optional<WriterId> open_writer(ChannelId channel, ClockRate sampling);
  [[nodiscard]] WriterFill* writer(WriterId id);
  void close_writer(WriterId id);

  /// The channel's Closed event comes before the Reply, and both when its recorders have written all.
  void close(ChannelId channel, CloseReason reason, Ticket ticket);
  void ask(ChannelId channel, Ticket ticket);

  /// Hands every waiting event to `take`, in order.
  template <class Take>
  void drain(Take&& take) {
    events_.drain([&](const Event& event) {
      heed(event);
      take(event);
      forget(event);
    });
  }

  /// The file of a recorder that an event being drained tells of.
  [[nodiscard]] std::string file_of(RecorderId id) const { return recorders_.file_of(id); }

  /// Channels that are open, and ports for more.
  [[nodiscard]] Room room() const;
  /// What `room` tells and more, for which the system is asked.
  [[nodiscard]] Health health() const;
  /// Whether a packet to that address can leave from our sockets.
  [[nodiscard]] bool can_reach(const Address& address) const;

  /// Closes every channel and ends the threads; the Closed events are left to `drain`. After that every
  /// command is refused.
  void stop();

 private:
  struct Place {
    std::size_t shard;
    std::uint16_t port;
    /// What it is sent is sampled so; what is played and recorded follows it.
    ClockRate sampling = narrowband;
  };
  struct Reading {
    ChannelId channel;
    std::unique_ptr<ReaderDrain> drain;
  };

  [[nodiscard]] std::size_t least_loaded() const;
  void heed(const Event& event);
  void forget(const Event& event);
  void move(ChannelId channel, std::size_t to);
  void answer(Ticket ticket, Outcome outcome);
  [[nodiscard]] Place* find(ChannelId channel);
  template <class Make>
  void submit_to(ChannelId channel, Ticket ticket, Make&& make);
  /// `act`: what command::Act carries.
  template <class Action>
  void act(ChannelId channel, Ticket ticket, Action&& action);
  std::unique_ptr<RecorderFeed> make_recorder(RecorderId id,
                                              ChannelId channel,
                                              const std::string& file,
                                              const Recording& recording,
                                              Recorder::Begin begin);

  Options options_;
  Events events_;
  Waker& waker_;
  EventOutlet outlet_;
  Random random_;
  PortPool ports_;
  SocketCount sockets_{0};
  FileWork files_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::size_t> load_;
  std::unordered_map<ChannelId, Place> places_;
  Membership groups_;
  RecorderBook recorders_;
  std::unordered_map<std::uint64_t, Reading> readers_;
  std::unordered_map<std::uint64_t, std::unique_ptr<WriterFill>> writers_;
  std::uint64_t last_channel_ = 0;
  std::uint64_t last_stream_ = 0;
  std::uint64_t moves_ = 0;
};

}  // namespace mediaswitch
