#pragma once

#include <boost/asio/ip/udp.hpp>
#include <boost/system/error_code.hpp>
#include <optional>
#include <string>

#include "rtp/address.hpp"

namespace mediaswitch {

/// A numeric IPv4 or IPv6 address. One with a zone is none here: an Address keeps no zone, so it could not be
/// answered.
inline std::optional<boost::asio::ip::address> parse_ip(const std::string& text) {
  boost::system::error_code error;
  const auto ip = boost::asio::ip::make_address(text, error);
  if (error || (ip.is_v6() && ip.to_v6().scope_id() != 0)) return std::nullopt;
  return ip;
}

inline boost::asio::ip::address_v6 to_mapped(const boost::asio::ip::address& ip) {
  namespace ip_ = boost::asio::ip;
  return ip.is_v4() ? ip_::make_address_v6(ip_::v4_mapped, ip.to_v4()) : ip.to_v6();
}

inline Address to_address(const boost::asio::ip::udp::endpoint& endpoint) {
  return {.ip = to_mapped(endpoint.address()).to_bytes(), .port = endpoint.port()};
}

/// The numeric address as people write it: an IPv4-mapped one as IPv4.
inline boost::asio::ip::address to_ip(const Address& address) {
  namespace ip_ = boost::asio::ip;
  const ip_::address_v6 v6(address.ip);
  if (v6.is_v4_mapped()) return ip_::make_address_v4(ip_::v4_mapped, v6);
  return v6;
}

}  // namespace mediaswitch
