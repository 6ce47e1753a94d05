#include "audio/playlist.hpp"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <numeric>
#include <string>
#include <vector>

#include "codecs/codec.hpp"
#include "codecs/g711.hpp"
#include "support/memory_files.hpp"
#include "support/wav_builder.hpp"

using namespace mediaswitch;
using namespace mediaswitch::test;

namespace {

using Pcm = std::vector<std::int16_t>;

/// `count` samples that tell where they are.
Pcm ramp(std::size_t count, int first = 1) {
  Pcm pcm(count);
  std::iota(pcm.begin(), pcm.end(), static_cast<std::int16_t>(first));
  return pcm;
}

Pcm part(const Pcm& pcm, std::size_t from, std::size_t count) {
  return {pcm.begin() + static_cast<std::ptrdiff_t>(from),
          pcm.begin() + static_cast<std::ptrdiff_t>(from + count)};
}

Pcm operator+(Pcm one, const Pcm& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

PlaylistFile file(std::string path, std::uint32_t plays = 1) {
  return {.path = std::move(path), .coding = {}, .start = {}, .stop = {}, .plays = plays};
}

/// All of it, read piece by piece; no more than `most`.
Pcm read_all(PlaylistReader& reader, std::size_t piece = 160, std::size_t most = 1'000'000) {
  Pcm pcm;
  Pcm some(piece);
  while (pcm.size() < most) {
    const std::size_t read = reader.read(some);
    pcm.insert(pcm.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(read));
    if (read < piece) break;
  }
  return pcm;
}

PlaylistReader reader_of(Playlist playlist, MemoryFiles& files, std::uint32_t rate = 8000) {
  return {std::move(playlist), {rate}, files.opener()};
}

Pcm play(Playlist playlist, MemoryFiles& files, std::uint32_t rate = 8000) {
  PlaylistReader reader = reader_of(std::move(playlist), files, rate);
  Pcm pcm = read_all(reader);
  CHECK(reader.ended() == PlayEnd::Completed);
  return pcm;
}

Pcm sine(double hertz, std::uint32_t rate, std::size_t count) {
  Pcm pcm(count);
  for (std::size_t i = 0; i < count; ++i) {
    pcm[i] = static_cast<std::int16_t>(
        std::lround(8000 * std::sin(2 * 3.14159265358979 * hertz * static_cast<double>(i) / rate)));
  }
  return pcm;
}

Octets encoded(AudioFormat format, const Pcm& pcm, std::size_t samples_at_once) {
  Encoder encoder(format);
  Octets octets;
  Octets payload(most_octets);
  for (std::size_t at = 0; at < pcm.size(); at += samples_at_once) {
    const std::size_t length = encoder.encode(std::span(pcm).subspan(at, samples_at_once), payload);
    octets.insert(octets.end(), payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(length));
  }
  return octets;
}

/// What the decoder makes of it, from its beginning.
Pcm decoded(AudioFormat format, const Octets& octets) {
  Decoder decoder(format, Decoder::OnLoss::Skip);
  const CodedUnit unit = traits(format).unit;
  Pcm pcm(octets.size() / unit.octets * unit.samples.value);
  for (std::size_t i = 0; i < octets.size() / unit.octets; ++i) {
    decoder.decode(std::span(octets).subspan(i * unit.octets, unit.octets),
                   std::span(pcm).subspan(i * unit.samples.value, unit.samples.value));
  }
  return pcm;
}

}  // namespace

TEST_CASE("files play one after the other, in pieces of any size") {
  MemoryFiles files;
  files.files = {{"a", pcm_wav(ramp(300))}, {"b", pcm_wav(ramp(100, 1000))}};
  for (const std::size_t piece : {std::size_t{1}, std::size_t{160}, std::size_t{399}, std::size_t{5000}}) {
    PlaylistReader reader = reader_of({.entries = {file("a"), file("b")}}, files);
    CHECK_FALSE(reader.ended());
    CHECK(read_all(reader, piece) == ramp(300) + ramp(100, 1000));
    CHECK(reader.ended() == PlayEnd::Completed);
    CHECK(reader.unplayed().empty());
    Pcm more(10);
    CHECK(reader.read(more) == 0);
  }
}

TEST_CASE("a file's plays and the list's plays multiply") {
  MemoryFiles files;
  files.files = {{"a", pcm_wav(ramp(5))}, {"b", pcm_wav(ramp(3, 100))}};
  const Pcm pass = ramp(5) + ramp(5) + ramp(3, 100);
  CHECK(play({.entries = {file("a", 2), file("b")}, .plays = 3}, files) == pass + pass + pass);
  CHECK(play({.entries = {file("a", 2)}, .plays = 2}, files) == ramp(5) + ramp(5) + ramp(5) + ramp(5));
}

TEST_CASE("an endless file keeps its place, an endless list goes round") {
  MemoryFiles files;
  files.files = {{"a", pcm_wav(ramp(7))}, {"b", pcm_wav(ramp(3, 100))}};
  PlaylistReader looped = reader_of({.entries = {file("b"), file("a", 0), file("b")}}, files);
  const Pcm pcm = read_all(looped, 160, 16000);
  CHECK(part(pcm, 0, 3) == ramp(3, 100));
  for (std::size_t i = 3; i < pcm.size(); ++i) REQUIRE(pcm[i] == static_cast<int>((i - 3) % 7) + 1);
  CHECK(files.opened["a"] == 1);
  CHECK_FALSE(looped.ended());

  PlaylistReader round = reader_of({.entries = {file("a"), file("b")}, .plays = 0}, files);
  const Pcm rounds = read_all(round, 160, 1600);
  CHECK(part(rounds, 1500, 10) == ramp(7) + ramp(3, 100));
  CHECK_FALSE(round.ended());
}

TEST_CASE("an endless list of one file opens it once") {
  MemoryFiles files;
  files.files = {{"a", pcm_wav(ramp(8))}};
  PlaylistReader reader = reader_of({.entries = {file("a")}, .plays = 0}, files);
  CHECK(part(read_all(reader, 160, 1600), 1592, 8) == ramp(8));
  CHECK(files.opened["a"] == 1);
}

TEST_CASE("start and stop are kept to the sample, in every play") {
  MemoryFiles files;
  files.files = {{"a", pcm_wav(ramp(8000))}, {"wide", pcm_wav(ramp(16000), 16000)}};
  PlaylistFile middle = file("a", 2);
  middle.start = Millis(123);
  middle.stop = Millis(456);
  const Pcm wanted = part(ramp(8000), 984, 2664);
  CHECK(play({.entries = {middle}}, files) == wanted + wanted);

  PlaylistFile wide = file("wide");
  wide.start = Millis(1);
  wide.stop = Millis(3);
  CHECK(play({.entries = {wide}}, files, 16000) == part(ramp(16000), 16, 32));

  PlaylistFile late = file("a");
  late.start = Millis(999);
  late.stop = Millis(5000);
  CHECK(play({.entries = {late}}, files) == part(ramp(8000), 7992, 8));
}

TEST_CASE("a stop before the start, or a start after the end, is nothing") {
  MemoryFiles files;
  files.files = {{"a", pcm_wav(ramp(80))}, {"b", pcm_wav(ramp(4, 50))}};
  PlaylistFile backwards = file("a", 0);
  backwards.start = Millis(5);
  backwards.stop = Millis(4);
  PlaylistFile beyond = file("a", 0);
  beyond.start = Millis::max();
  PlaylistFile negative = file("b");
  negative.start = Millis::min();
  negative.stop = Millis::max();
  CHECK(play({.entries = {backwards, beyond, negative}}, files) == ramp(4, 50));
}

TEST_CASE("what can't be read is left out and told once; only when there is nothing else it is an error") {
  MemoryFiles files;
  files.files = {{"a", pcm_wav(ramp(10))}, {"text", Octets(100, 'x')}, {"cut", pcm_wav(ramp(4000))}};
  files.fails_from = {{"cut", 4096}};
  PlaylistReader reader =
      reader_of({.entries = {file("none"), file("a"), file("text"), file("cut", 3)}, .plays = 2}, files);
  const Pcm heard = ramp(10) + ramp(2048);
  CHECK(read_all(reader) == heard + heard);
  CHECK(reader.ended() == PlayEnd::Completed);
  REQUIRE(reader.unplayed().size() == 3);
  CHECK(reader.unplayed()[0].entry == 0);
  CHECK(reader.unplayed()[0].fault == WavFault::ReadFailed);
  CHECK(reader.unplayed()[1].entry == 2);
  CHECK(reader.unplayed()[1].fault == WavFault::NotWav);
  CHECK(reader.unplayed()[2].entry == 3);
  CHECK(reader.unplayed()[2].fault == WavFault::ReadFailed);

  PlaylistReader nothing = reader_of({.entries = {file("none", 0), file("text")}, .plays = 0}, files);
  CHECK(read_all(nothing).empty());
  CHECK(nothing.ended() == PlayEnd::Error);
}

TEST_CASE("endless plays of nothing end") {
  MemoryFiles files;
  files.files = {{"empty", pcm_wav({})}};
  PlaylistReader reader = reader_of(
      {.entries = {file("empty", 0), PlaylistTone{.cadences = {}, .plays = 0}, file("empty")}, .plays = 0},
      files);
  CHECK(read_all(reader).empty());
  CHECK(reader.ended() == PlayEnd::Completed);
  CHECK(files.opened["empty"] <= 2);
  CHECK(play({}, files).empty());
}

TEST_CASE("G.711, stereo and extensible files are read by their headers") {
  MemoryFiles files;
  const Octets every = [] {
    Octets octets(256);
    std::iota(octets.begin(), octets.end(), std::uint8_t{0});
    return octets;
  }();
  const WavFormat law{.format = 6, .channels = 1, .rate = 8000, .depth = 8, .alignment = 1};
  files.files["a-law"] = WavBuilder().format(law).data(every).octets();
  WavFormat mu = law;
  mu.format = 7;
  files.files["mu-law"] = WavBuilder().format(mu).data(every).octets();
  const Pcm a = play({.entries = {file("a-law")}}, files);
  const Pcm m = play({.entries = {file("mu-law")}}, files);
  REQUIRE(a.size() == 256);
  REQUIRE(m.size() == 256);
  for (std::size_t i = 0; i < 256; ++i) {
    CHECK(a[i] == g711::decode_a(static_cast<std::uint8_t>(i)));
    CHECK(m[i] == g711::decode_mu(static_cast<std::uint8_t>(i)));
  }

  const Pcm both{100, 300, -32768, -32768, 32767, 32767, 5, -5};
  files.files["stereo"] = WavBuilder().format({.channels = 2, .alignment = 4}).data(octets_of(both)).octets();
  CHECK(play({.entries = {file("stereo")}}, files) == Pcm{200, -32768, 32767, 0});
}

TEST_CASE("raw files are read by the coding told, and by their header if they have one after all") {
  MemoryFiles files;
  const Pcm pcm = ramp(1600);
  const auto coded_as = [](std::string path, AudioFormat coding) {
    PlaylistFile entry = file(std::move(path));
    entry.coding = coding;
    return entry;
  };
  files.files["raw"] = octets_of(pcm);
  files.files["header"] = pcm_wav(pcm);
  files.files["pcma"] = Octets{0xD5, 0x55, 0x2A};
  CHECK(play({.entries = {coded_as("raw", AudioFormat::L16Narrow)}}, files) == pcm);
  CHECK(play({.entries = {coded_as("raw", AudioFormat::L16Wide)}}, files, 16000) == pcm);
  CHECK(play({.entries = {coded_as("header", AudioFormat::Pcmu)}}, files) == pcm);
  CHECK(play({.entries = {coded_as("pcma", AudioFormat::Pcma)}}, files) ==
        Pcm{g711::decode_a(0xD5), g711::decode_a(0x55), g711::decode_a(0x2A)});
}

TEST_CASE("G.722 and iLBC files, raw, with magic and as WAV, are what their decoders say") {
  MemoryFiles files;
  const Octets wide = encoded(AudioFormat::G722, sine(1000, 16000, 32000), 320);
  const Octets short_frames = encoded(AudioFormat::Ilbc20, sine(700, 8000, 8000), 160);
  const Octets long_frames = encoded(AudioFormat::Ilbc30, sine(700, 8000, 7200), 240);
  const auto with_magic = [](std::string_view magic, const Octets& octets) {
    Octets all;
    append_text(all, magic);
    all.insert(all.end(), octets.begin(), octets.end());
    return all;
  };
  files.files = {
      {"g722", wide},
      {"g722.wav",
       WavBuilder().format({.format = 0xA112, .rate = 16000, .alignment = 1}).data(wide).octets()},
      {"20", short_frames},
      {"30.magic", with_magic("#!iLBC30\n", long_frames)},
      {"30.wav", WavBuilder().format({.format = 0xA116, .alignment = 50}).data(long_frames).octets()}};
  const auto heard = [&](std::string path, std::optional<AudioFormat> coding, std::uint32_t rate) {
    PlaylistFile entry = file(std::move(path));
    entry.coding = coding;
    return play({.entries = {entry}}, files, rate);
  };
  const Pcm wide_pcm = decoded(AudioFormat::G722, wide);
  REQUIRE(wide_pcm.size() == 32000);
  CHECK(heard("g722", AudioFormat::G722, 16000) == wide_pcm);
  CHECK(heard("g722.wav", {}, 16000) == wide_pcm);
  CHECK(heard("20", AudioFormat::Ilbc20, 8000) == decoded(AudioFormat::Ilbc20, short_frames));
  const Pcm long_pcm = decoded(AudioFormat::Ilbc30, long_frames);
  CHECK(heard("30.magic", AudioFormat::Ilbc20, 8000) == long_pcm);
  CHECK(heard("30.wav", {}, 8000) == long_pcm);
}

TEST_CASE("starting within a G.722 or iLBC file sounds as if it had been heard from its beginning") {
  MemoryFiles files;
  const Octets wide = encoded(AudioFormat::G722, sine(1000, 16000, 48000), 320);
  const Octets narrow = encoded(AudioFormat::Ilbc20, sine(700, 8000, 24000), 160);
  files.files = {{"g722", wide}, {"ilbc", narrow}};
  PlaylistFile late{.path = "g722", .coding = AudioFormat::G722, .start = Millis(2001), .stop = {}};
  const Pcm g722 = play({.entries = {late}}, files, 16000);
  const Pcm wanted_g722 = part(decoded(AudioFormat::G722, wide), 32016, 15984);
  late.path = "ilbc";
  late.coding = AudioFormat::Ilbc20;
  const Pcm ilbc = play({.entries = {late}}, files, 8000);
  const Pcm wanted_ilbc = part(decoded(AudioFormat::Ilbc20, narrow), 16008, 7992);
  const auto noise = [](const Pcm& one, const Pcm& other) {
    REQUIRE(one.size() == other.size());
    double difference = 0;
    double signal = 0;
    for (std::size_t i = 0; i < one.size(); ++i) {
      difference += std::pow(one[i] - other[i], 2);
      signal += std::pow(other[i], 2);
    }
    return 10 * std::log10(signal / std::max(difference, 1e-9));
  };
  CHECK(noise(g722, wanted_g722) > 50);
  CHECK(noise(ilbc, wanted_ilbc) > 20);
}

TEST_CASE("tones play by themselves and between files, at the rate asked for") {
  MemoryFiles files;
  files.files = {{"a", pcm_wav(ramp(10))}};
  const std::vector<ToneCadence> busy{
      {.length = Millis(20), .waves = {{.from = 400, .to = 400}}, .amplitude_from = 0.5, .amplitude_to = 0.5},
      {.length = Millis(10), .waves = {}}};
  const Pcm once = render_tone(busy, {8000});
  CHECK(play({.entries = {PlaylistTone{.cadences = busy, .plays = 2}, file("a")}}, files) ==
        once + once + ramp(10));
  CHECK(play({.entries = {PlaylistTone{.cadences = busy, .plays = 1}}}, files, 16000) ==
        render_tone(busy, {16000}));
}

TEST_CASE("other rates come out as long as they are, and sound the same") {
  MemoryFiles files;
  for (const std::uint32_t rate : {8000U, 11025U, 16000U, 22050U, 44100U, 48000U}) {
    files.files["tone"] = pcm_wav(sine(500, rate, rate), rate);
    for (const std::uint32_t to : {8000U, 16000U}) {
      CAPTURE(rate);
      CAPTURE(to);
      const Pcm pcm = play({.entries = {file("tone"), file("tone")}}, files, to);
      CHECK(pcm.size() == 2 * to);
      // Both seconds as one, by correlation: it is still that tone, and goes on from play to play.
      double real = 0;
      double imaginary = 0;
      for (std::size_t i = 0; i < pcm.size(); ++i) {
        const double angle = 2 * 3.14159265358979 * 500 * static_cast<double>(i) / to;
        real += pcm[i] * std::cos(angle);
        imaginary += pcm[i] * std::sin(angle);
      }
      CHECK(std::hypot(real, imaginary) / to == doctest::Approx(8000).epsilon(0.005));
    }
  }
}

TEST_CASE("nothing is lost where one rate follows another") {
  MemoryFiles files;
  files.files = {{"cd", pcm_wav(Pcm(44100, 1000), 44100)}, {"phone", pcm_wav(Pcm(8000, 1000))}};
  const Pcm pcm = play({.entries = {file("cd"), file("phone"), file("cd")}}, files);
  REQUIRE(pcm.size() == 24000);
  CHECK(pcm[8000 + 4000] == 1000);
  CHECK(std::abs(pcm[4000] - 1000) <= 1);
}

TEST_CASE("a long file is read piece by piece") {
  const Octets octets = pcm_wav(ramp(1'000'000));
  auto source = std::make_unique<MemorySource>(octets);
  MemorySource& seen = *source;
  OpenSource open = [&](const std::string&) { return std::move(source); };
  PlaylistReader reader({.entries = {file("long")}}, {8000}, std::move(open));
  std::size_t length = 0;
  Pcm some(160);
  for (std::size_t read = some.size(); read == some.size();) {
    read = reader.read(some);
    length += read;
    if (length < 900'000) REQUIRE(seen.most_at_once <= 4096);
  }
  CHECK(length == 1'000'000);
}
