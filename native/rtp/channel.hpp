#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "audio/frame_tap.hpp"
#include "core/drop.hpp"
#include "core/random.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "rtp/datagram.hpp"
#include "rtp/digit_sender.hpp"
#include "rtp/ear.hpp"
#include "rtp/heard_times.hpp"
#include "rtp/idle_rule.hpp"
#include "rtp/key_presses.hpp"
#include "rtp/mixer.hpp"
#include "rtp/outbox.hpp"
#include "rtp/packet.hpp"
#include "rtp/playback.hpp"
#include "rtp/reception.hpp"
#include "rtp/relay.hpp"
#include "rtp/remote_media.hpp"
#include "rtp/rtcp_session.hpp"
#include "rtp/sending_side.hpp"
#include "rtp/source_latch.hpp"
#include "rtp/speaker.hpp"
#include "rtp/statistics.hpp"

namespace mediaswitch {

class Group;

/// One RTP/RTCP socket pair's processing. `receive` is the packet's path, a list of named steps; `hear`,
/// `say` and `listen` are its part in a tick, which its group calls.
///
/// Owned by one shard; nothing here is safe to touch from another thread. Receiving and ticking neither lock,
/// allocate nor throw.
class Channel {
 public:
  /// `outbox` outlives the channel.
  Channel(ChannelId id, Outbox& outbox, Random random);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  Channel(Channel&&) = delete;
  Channel& operator=(Channel&&) = delete;
  /// It has left its group.
  ~Channel() = default;

  // --- what arrives

  /// What came to the RTP port.
  void receive(const Datagram& datagram);
  /// What came to the RTCP port.
  void receive_control(const Datagram& datagram);
  /// A datagram that did not fit the reader's buffer.
  void receive_oversize();

  // --- what it is told; its group has to be arranged after each of these, where it is in one

  /// Sets or changes the far end and arms the learning of its real source.
  void target(const RemoteMedia& remote);
  struct Direction {
    bool may_send = true;
    bool may_receive = true;
  };
  /// From our view, whatever was agreed on.
  void direct(const Direction& direction);
  /// From now on only `to` hears what it says, in whatever group it is; nullopt: everybody again.
  void whisper(std::optional<ChannelId> to);
  struct Echo {
    bool is_on = true;
  };
  void echo(const Echo& wanted) { is_echoing_ = wanted.is_on; }
  /// False: there is no far end that takes them, or they don't fit.
  [[nodiscard]] bool send_digits(const DigitSender::Digits& digits);
  /// Replaces what is played.
  void play(std::unique_ptr<FrameSource> source, const Playback::Rules& rules);
  /// Ends what is played, if something is.
  void stop_playing(PlayEnd reason);
  [[nodiscard]] Playback& playback() { return playback_; }
  /// A tap outlives its place here.
  void add_tap(FrameTap& tap) { taps_.push_back(&tap); }
  void remove_tap(FrameTap& tap) { std::erase(taps_, &tap); }

  // --- how its group uses it

  struct Arrangement {
    /// Who is sent what it says, packet by packet; itself: it is echoed.
    Channel* heard_by = nullptr;
    /// Frames of what it hears are wanted, at this rate.
    std::optional<ClockRate> hears;
    /// Frames are said to it.
    bool speaks = false;
  };
  void arrange(const Arrangement& arrangement);
  [[nodiscard]] Group* group() const { return group_; }
  void enter(Group* group) { group_ = group; }

  /// When the group needs what comes for it; after `arrange`.
  void read(Reading when);
  /// A tick begins: takes what waited for it.
  void read_gathered() { outbox_.read_gathered(); }
  /// Takes the next 20 ms of what it hears, where somebody asks for that.
  void hear(Time now);
  /// What came in this tick, also where that is digital silence; nullptr: nothing, or nobody asks.
  [[nodiscard]] const Frame* heard() const { return heard_; }
  /// Its own turn to speak when it is alone: keys, then what is played. What was said, nullptr: nothing.
  const Frame* say(Time now, const Frame* heard);
  /// Keys that are being sent go before whatever a group says. True: one was.
  bool say_digits(Time now);
  /// Sends what the relay to it kept for its turn.
  void tick_relay(Time now);
  /// Its place in a mix, where digital silence is nothing.
  [[nodiscard]] MixSeat seat();
  void listen(const Frame* heard, const Frame* said);
  void note_lateness(Time::duration late);

  [[nodiscard]] bool is_audible_to(const Channel& other) const {
    return !audible_to_ || *audible_to_ == other.id_;
  }
  [[nodiscard]] bool has_taps() const { return !taps_.empty(); }
  [[nodiscard]] bool wants_ticks() const;
  /// Also when it is alone.
  [[nodiscard]] bool needs_group() const { return is_echoing_ || wants_ticks(); }
  [[nodiscard]] bool is_echoing() const { return is_echoing_; }
  [[nodiscard]] bool has_digits() const { return digits_.is_busy(); }
  /// Of the format it is sent.
  [[nodiscard]] ClockRate sampling() const { return traits(sending_.format).clocks.sampling; }
  [[nodiscard]] Frame* said_frame() { return frames_ ? &frames_->said : nullptr; }
  /// What others of its group pressed, where its far end takes keys.
  void pass_key(char key, ChannelId holder) {
    if (sending_.telephone_event) digits_.press(key, holder);
  }
  [[nodiscard]] bool is_key_held() const { return key_presses_.is_held(); }
  void pass_key_release(ChannelId holder) { digits_.release(holder); }

  // --- time and figures

  /// Time passed without anything having to happen. True: idle for so long that it has to be closed.
  [[nodiscard]] bool pass_time(Time now, Millis step);
  /// Sends an RTCP report when one is due. `ntp`: RtcpSession::Standing.
  void report(Time now, std::uint64_t ntp);
  /// Says goodbye by RTCP.
  void leave_session(Time now, std::uint64_t ntp);

  [[nodiscard]] Statistics statistics() const;
  [[nodiscard]] std::uint64_t packets_heard() const { return received_.packets; }
  [[nodiscard]] ChannelId id() const { return id_; }

 private:
  /// What a payload type was agreed to stand for.
  enum class Meaning : std::uint8_t { None, Audio, TelephoneEvent, ComfortNoise };
  struct Agreed {
    Meaning meaning = Meaning::None;
    AudioFormat format = AudioFormat::Pcmu;
  };
  /// A datagram and what the steps found out about it.
  struct Arrival {
    const Datagram& datagram;
    RtpPacket packet;
    Agreed agreed;
    ExtendedSequence sequence;
  };
  /// Where a packet that was taken has gone.
  enum class Fate : std::uint8_t { Forwarded, Consumed };
  struct Frames {
    Frame heard;
    Frame said;
  };

  std::optional<Drop> process(Arrival& arrival);
  std::optional<Drop> demultiplex(const Arrival& arrival);
  std::optional<Drop> read_packet(Arrival& arrival) const;
  std::optional<Drop> check_source(const Arrival& arrival);
  std::optional<Drop> note_reception(Arrival& arrival);
  [[nodiscard]] std::optional<Drop> check_agreement(const Arrival& arrival) const;
  std::optional<Drop> note_telephone_event(const Arrival& arrival);
  std::optional<Drop> pass_on(const Arrival& arrival);

  void read_control(const Datagram& datagram);
  void tell(const KeyNews& news);
  std::optional<Drop> take_in(const Arrival& arrival);
  RtcpSession::Standing standing(Time now, std::uint64_t ntp);
  void send_control(std::span<const std::uint8_t> packet);
  [[nodiscard]] std::optional<Millis> one_way_delay() const;
  [[nodiscard]] StreamQuality quality_of_received() const;
  [[nodiscard]] StreamQuality quality_of_sent() const;

  ChannelId id_;
  Outbox& outbox_;
  SourceLatch latch_;
  Reception reception_;
  KeyPresses key_presses_;
  IdleRule idle_;
  HeardTimes heard_times_;
  RtcpSession rtcp_;
  std::array<Agreed, 128> agreed_{};
  std::vector<AudioFormat> formats_;
  Direction agreed_direction_;
  Direction wanted_direction_;
  bool has_rtcp_mux_ = false;
  std::optional<std::uint16_t> rtcp_port_;
  ClockRate clock_ = traits(AudioFormat::Pcmu).clocks.rtp;
  ClockRate event_clock_{8000};
  /// What came last.
  AudioFormat heard_format_ = AudioFormat::Pcmu;

  std::uint64_t datagrams_ = 0;
  std::uint64_t forwarded_ = 0;
  std::uint64_t consumed_ = 0;
  Traffic received_;
  DropCounts dropped_;
  TickLateness ticks_;

  SendingSide sending_;
  DigitSender digits_;
  Playback playback_;
  bool is_echoing_ = false;
  std::optional<ChannelId> audible_to_;
  std::vector<FrameTap*> taps_;

  Group* group_ = nullptr;
  Arrangement arrangement_;
  /// To `arrangement_.heard_by`.
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<Ear> ear_;
  std::unique_ptr<Speaker> speaker_;
  std::unique_ptr<Frames> frames_;
  const Frame* heard_ = nullptr;
};

}  // namespace mediaswitch
