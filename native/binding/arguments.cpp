#include "binding/arguments.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "io/endpoint.hpp"

namespace mediaswitch {
namespace {

constexpr std::int64_t highest_payload_type = 127;
constexpr std::int64_t highest_port = 65535;
/// Whole numbers that JavaScript's number type tells apart.
constexpr std::int64_t highest_exact = (std::int64_t{1} << 53U) - 1;

PayloadType read_payload_type(const Argument& argument) {
  return {static_cast<std::uint8_t>(argument.whole_number(0, highest_payload_type))};
}

std::uint16_t read_port(const Argument& argument, std::int64_t low) {
  return static_cast<std::uint16_t>(argument.whole_number(low, highest_port));
}

boost::asio::ip::address read_ip(const Argument& argument) {
  const auto ip = parse_ip(argument.text());
  if (!ip) argument.refuse("has to be a numeric IPv4 or IPv6 address without a zone");
  return *ip;
}

Random::Seed read_seed(const Argument& argument) {
  Random::Seed seed{};
  const Napi::Value value = argument.value();
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array ||
      value.As<Napi::TypedArray>().ByteLength() != sizeof(seed)) {
    argument.refuse("has to be a Uint8Array of " + std::to_string(sizeof(seed)) + " octets");
  }
  std::memcpy(seed.data(), value.As<Napi::Uint8Array>().Data(), sizeof(seed));
  return seed;
}

RemoteMedia::Format read_format(const Argument& argument) {
  const auto format = format_named(argument.at("format").text());
  if (!format) argument.at("format").refuse("is no format of this engine");
  return {.payload_type = read_payload_type(argument.at("payloadType")), .format = *format};
}

std::vector<RemoteMedia::Format> read_formats(const Argument& argument) {
  std::vector<RemoteMedia::Format> formats;
  for (const Argument& item : argument.items()) {
    const RemoteMedia::Format format = read_format(item);
    const auto is_same_type = [&](const auto& each) { return each.payload_type == format.payload_type; };
    if (std::ranges::any_of(formats, is_same_type)) item.at("payloadType").refuse("is there twice");
    formats.push_back(format);
  }
  if (formats.empty()) argument.refuse("has to name at least one format");
  return formats;
}

}  // namespace

void refuse_argument(Napi::Env env, const std::string& field, const std::string& complaint) {
  Napi::Error error = Napi::TypeError::New(env, field + " " + complaint);
  error.Set("code", Napi::String::New(env, "ARGUMENT_INVALID"));
  error.Set("field", Napi::String::New(env, field));
  throw error;
}

Argument Argument::at(const char* name) const {
  if (!value_.IsObject()) refuse("has to be an object");
  return {value_.As<Napi::Object>().Get(name), path_.empty() ? name : path_ + "." + name};
}

std::int64_t Argument::whole_number(std::int64_t low, std::int64_t high) const {
  const std::string complaint =
      "has to be a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  if (!value_.IsNumber()) refuse(complaint);
  const double number = value_.As<Napi::Number>().DoubleValue();
  // Written so that NaN is refused too.
  const bool is_in_range = number >= static_cast<double>(low) && number <= static_cast<double>(high);
  if (!is_in_range || std::trunc(number) != number) refuse(complaint);
  return static_cast<std::int64_t>(number);
}

std::string Argument::text() const {
  if (!value_.IsString()) refuse("has to be a string");
  return value_.As<Napi::String>().Utf8Value();
}

bool Argument::boolean() const {
  if (!value_.IsBoolean()) refuse("has to be true or false");
  return value_.As<Napi::Boolean>().Value();
}

std::vector<Argument> Argument::items() const {
  if (!value_.IsArray()) refuse("has to be an array");
  const auto array = value_.As<Napi::Array>();
  std::vector<Argument> items;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    items.emplace_back(array.Get(i), path_ + "[" + std::to_string(i) + "]");
  }
  return items;
}

void Argument::refuse(const std::string& complaint) const { refuse_argument(value_.Env(), path_, complaint); }

Engine::Options read_options(const Argument& options) {
  constexpr std::int64_t most_shards = 256;
  const Argument ports = options.at("ports");
  Engine::Options read;
  read.local = read_ip(options.at("bind"));
  read.low_port = read_port(ports.at("low"), 1);
  read.high_port = read_port(ports.at("high"), 1);
  read.shards = static_cast<std::size_t>(options.at("shards").whole_number(1, most_shards));
  read.seed = read_seed(options.at("seed"));
  const int first_even = read.low_port + read.low_port % 2;
  if (first_even + 1 > read.high_port) {
    ports.refuse("has to hold an even port and the odd one after it");
  }
  return read;
}

RemoteMedia read_remote(const Argument& remote) {
  constexpr std::int64_t shortest_ptime = 10;
  constexpr std::int64_t longest_ptime = 60;
  RemoteMedia read;
  const std::uint16_t port = read_port(remote.at("port"), 1);
  read.address = to_address({read_ip(remote.at("address")), port});
  read.formats = read_formats(remote.at("formats"));

  const Argument telephone_event = remote.at("telephoneEvent");
  if (!telephone_event.is_absent()) {
    read.telephone_event = read_payload_type(telephone_event);
    const auto is_taken = [&](const auto& each) { return each.payload_type == *read.telephone_event; };
    if (std::ranges::any_of(read.formats, is_taken)) {
      telephone_event.refuse("is the payload type of an audio format");
    }
  }

  // A packet goes out with the length it came in with (rtp/relay.hpp), so ptime is only checked.
  const Argument ptime = remote.at("ptime");
  if (!ptime.is_absent()) static_cast<void>(ptime.whole_number(shortest_ptime, longest_ptime));

  const Argument direction = remote.at("direction");
  if (!direction.is_absent()) {
    read.may_send = direction.at("send").boolean();
    read.may_receive = direction.at("recv").boolean();
  }
  return read;
}

ChannelId read_channel(const Argument& channel) {
  return {static_cast<std::uint64_t>(channel.whole_number(0, highest_exact))};
}

Ticket read_ticket(const Argument& ticket) {
  return {static_cast<std::uint64_t>(ticket.whole_number(0, highest_exact))};
}

}  // namespace mediaswitch
