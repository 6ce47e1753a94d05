#include "payloads.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace bench {
namespace {

constexpr std::array codings{Coding::Pcmu, Coding::Pcma, Coding::G722, Coding::Ilbc20};
constexpr std::array endings{".pcmu", ".pcma", ".g722", ".ilbc20"};

constexpr std::size_t octets_in_ten_millis = 80;
constexpr std::size_t octets_in_ilbc_frame = 38;

}  // namespace

Payloads::Payloads(const std::filesystem::path& folder, const std::string& name) {
  for (const Coding coding : codings) {
    const auto index = static_cast<std::size_t>(coding);
    const std::filesystem::path path = folder / (name + endings[index]);
    std::ifstream file(path, std::ios::binary);
    octets_[index].assign(std::istreambuf_iterator<char>(file), {});
    if (octets_[index].empty() && coding != Coding::Ilbc20) {
      throw std::runtime_error("there is no audio in " + path.string());
    }
  }
  length_ = octets_[0].size() / octets_in_ten_millis;
}

std::span<const std::uint8_t> Payloads::of(Coding coding,
                                           std::uint64_t ten_millis,
                                           unsigned ptime_millis) const {
  const std::span<const std::uint8_t> all = octets_[static_cast<std::size_t>(coding)];
  const bool is_ilbc = coding == Coding::Ilbc20;
  const std::size_t size =
      is_ilbc ? ptime_millis / 20 * octets_in_ilbc_frame : ptime_millis / 10 * octets_in_ten_millis;
  if (all.size() < size) throw std::runtime_error("there is no audio of this coding");
  const std::uint64_t within = ten_millis % length_;
  std::size_t begin = is_ilbc ? within / 2 * octets_in_ilbc_frame : within * octets_in_ten_millis;
  if (begin + size > all.size()) begin = 0;
  return all.subspan(begin, size);
}

}  // namespace bench
