#include "audio/wav_writer.hpp"

#include <algorithm>
#include <utility>

namespace mediaswitch {
namespace {

constexpr std::size_t sample_size = 2;

}  // namespace

WavWriter::WavWriter(std::unique_ptr<ByteSink> file,
                     std::uint16_t channels,
                     ClockRate sampling,
                     std::uint64_t most_data)
    : file_(std::move(file)),
      channels_(channels),
      sampling_(sampling),
      most_data_(std::min(most_data, most_wav_data)),
      octets_per_second_(std::size_t{sampling.value} * channels * sample_size) {
  waiting_.reserve(octets_per_second_);
}

std::optional<RecordEnd> WavWriter::begin() {
  const auto refused = put_header(0);
  has_header_ = !refused;
  return refused;
}

std::optional<RecordEnd> WavWriter::write(std::span<const std::int16_t> samples) {
  const std::uint64_t group = std::uint64_t{channels_} * sample_size;
  const std::uint64_t used = data_octets_ + waiting_.size();
  const std::uint64_t room = (most_data_ - std::min(used, most_data_)) / group * channels_;
  const bool is_too_long = samples.size() > room;
  for (const std::int16_t sample : is_too_long ? samples.first(static_cast<std::size_t>(room)) : samples) {
    const auto bits = static_cast<std::uint16_t>(sample);
    waiting_.push_back(static_cast<std::uint8_t>(bits));
    waiting_.push_back(static_cast<std::uint8_t>(bits >> 8U));
  }
  const auto refused = waiting_.size() >= octets_per_second_ / 2 ? flush() : std::nullopt;
  if (!refused && is_too_long) return RecordEnd::Timeout;
  return refused;
}

std::optional<RecordEnd> WavWriter::flush() {
  if (waiting_.empty()) return std::nullopt;
  // Data before the sizes that cover it: at no moment does the header tell of what is not there.
  auto refused = put(wav_header_size + data_octets_, waiting_);
  if (!refused) refused = put_header(data_octets_ + waiting_.size());
  if (!refused) data_octets_ += waiting_.size();
  waiting_.clear();
  return refused;
}

std::uint64_t WavWriter::octets() const { return has_header_ ? wav_header_size + data_octets_ : 0; }

Millis WavWriter::duration() const {
  return Millis(static_cast<std::int64_t>(data_octets_ * 1000 / octets_per_second_));
}

std::optional<RecordEnd> WavWriter::put_header(std::uint64_t data_octets) {
  return put(0, wav_header(channels_, sampling_, data_octets));
}

std::optional<RecordEnd> WavWriter::put(std::uint64_t offset, std::span<const std::uint8_t> octets) {
  switch (file_->write(offset, octets)) {
    case ByteSink::Written::Ok: return std::nullopt;
    case ByteSink::Written::DiskFull: return RecordEnd::DiskFull;
    case ByteSink::Written::Failed: return RecordEnd::WriteFailed;
  }
  return RecordEnd::WriteFailed;
}

}  // namespace mediaswitch
