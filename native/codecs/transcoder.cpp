#include "codecs/transcoder.hpp"

#include "codecs/g711.hpp"

namespace mediaswitch {
namespace {

/// nullptr when the payload can stay as it is.
const g711::Table* table_between(AudioFormat from, AudioFormat to) {
  switch (from) {
    case AudioFormat::Pcmu:
      switch (to) {
        case AudioFormat::Pcmu: return nullptr;
        case AudioFormat::Pcma: return &g711::mu_to_a;
      }
      break;
    case AudioFormat::Pcma:
      switch (to) {
        case AudioFormat::Pcmu: return &g711::a_to_mu;
        case AudioFormat::Pcma: return nullptr;
      }
      break;
  }
  return nullptr;
}

}  // namespace

void transcode(AudioFormat from, AudioFormat to, std::span<std::uint8_t> payload) {
  const g711::Table* const table = table_between(from, to);
  if (table == nullptr) return;
  for (std::uint8_t& octet : payload) octet = (*table)[octet];
}

}  // namespace mediaswitch
