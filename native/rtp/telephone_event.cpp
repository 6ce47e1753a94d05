#include "rtp/telephone_event.hpp"

#include <string_view>

#include "core/bit_field.hpp"

namespace mediaswitch {
namespace {

// RFC 4733 §2.3
constexpr BitField event_field{.octet = 0, .shift = 0, .width = 8};
constexpr BitField end_field{.octet = 1, .shift = 7, .width = 1};
constexpr BitField reserved_field{.octet = 1, .shift = 6, .width = 1};
constexpr BitField volume_field{.octet = 1, .shift = 0, .width = 6};
constexpr WordField<std::uint16_t> duration_field{.octet = 2};

/// Event codes 0–15 of RFC 4733 table 3, and 16, flash, of RFC 2833 §3.10.
constexpr std::string_view keys = "0123456789*#ABCDF";

}  // namespace

std::optional<TelephoneEvent> read_telephone_event(std::span<const std::uint8_t> payload) {
  if (payload.size() < telephone_event_size) return std::nullopt;
  return TelephoneEvent{.event = event_field.read(payload),
                        .end = end_field.read(payload) != 0,
                        .volume = volume_field.read(payload),
                        .duration = duration_field.read(payload)};
}

void write_telephone_event(const TelephoneEvent& event,
                           std::span<std::uint8_t, telephone_event_size> payload) {
  event_field.write(payload, event.event);
  end_field.write(payload, event.end ? 1 : 0);
  reserved_field.write(payload, 0);
  volume_field.write(payload, event.volume);
  duration_field.write(payload, event.duration);
}

std::optional<char> key_of(const TelephoneEvent& event) {
  if (event.event >= keys.size()) return std::nullopt;
  return keys[event.event];
}

std::optional<std::uint8_t> event_of(char key) {
  const bool is_small = key >= 'a' && key <= 'z';
  const auto at = keys.find(is_small ? static_cast<char>(key - 'a' + 'A') : key);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(at);
}

}  // namespace mediaswitch
