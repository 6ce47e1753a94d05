#include "binding/arguments.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "io/endpoint.hpp"

namespace mediaswitch {
namespace {

constexpr std::int64_t highest_payload_type = 127;
constexpr std::int64_t highest_port = 65535;
/// Items of a list for which room is made at once.
constexpr std::uint32_t most_reserved = 64;
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
  RemoteMedia::Format read{.payload_type = read_payload_type(argument.at("payloadType")),
                           .format = read_audio_format(argument.at("format")),
                           .receive = std::nullopt};
  const Argument receive = argument.at("receive");
  if (!receive.is_absent()) read.receive = read_payload_type(receive);
  return read;
}

PayloadType received_as(const RemoteMedia::Format& format) {
  return format.receive.value_or(format.payload_type);
}

std::vector<RemoteMedia::Format> read_formats(const Argument& argument) {
  std::vector<RemoteMedia::Format> formats;
  for (const Argument& item : argument.items()) {
    const RemoteMedia::Format format = read_format(item);
    const auto is_same_type = [&](const auto& each) { return received_as(each) == received_as(format); };
    if (std::ranges::any_of(formats, is_same_type)) {
      item.at(format.receive ? "receive" : "payloadType").refuse("is there twice");
    }
    formats.push_back(format);
  }
  if (formats.empty()) argument.refuse("has to name at least one format");
  return formats;
}

RemoteMedia::TelephoneEvents read_telephone_event(const Argument& remote) {
  constexpr std::int64_t slowest_clock = 1000;
  constexpr std::int64_t fastest_clock = 192'000;
  RemoteMedia::TelephoneEvents read{.send = read_payload_type(remote.at("telephoneEvent")), .receive = {}};
  const Argument receive = remote.at("telephoneEventReceive");
  read.receive = receive.is_absent() ? read.send : read_payload_type(receive);
  const Argument clock = remote.at("telephoneEventClock");
  const AudioFormat first = read_audio_format(remote.at("formats").items().front().at("format"));
  read.clock = clock.is_absent()
                   ? traits(first).clocks.rtp
                   : ClockRate{static_cast<std::uint32_t>(clock.whole_number(slowest_clock, fastest_clock))};
  return read;
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
  return within(value_.As<Napi::Object>().Get(name), {.name = name});
}

Argument Argument::within(Napi::Value value, Step step) const {
  Argument inner(*this);
  inner.value_ = value;
  inner.enter(step);
  return inner;
}

std::string Argument::path() const {
  std::string path;
  for (const Step& step : std::span(steps_).first(depth_)) {
    if (step.name == nullptr) {
      path += "[" + std::to_string(step.index) + "]";
    } else {
      if (!path.empty()) path += ".";
      path += step.name;
    }
  }
  return path;
}

std::int64_t Argument::whole_number(std::int64_t low, std::int64_t high) const {
  if (value_.IsNumber()) {
    const double number = value_.As<Napi::Number>().DoubleValue();
    // Written so that NaN is refused too.
    const bool is_in_range = number >= static_cast<double>(low) && number <= static_cast<double>(high);
    if (is_in_range && std::trunc(number) == number) return static_cast<std::int64_t>(number);
  }
  refuse("has to be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
}

double Argument::number(double low, double high) const {
  if (!value_.IsNumber()) refuse("has to be a number");
  const double number = value_.As<Napi::Number>().DoubleValue();
  // Written so that NaN is refused too.
  const bool is_in_range = number >= low && number <= high;
  if (!is_in_range) {
    refuse("has to be a number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return number;
}

std::size_t Argument::one_of(std::initializer_list<std::string_view> names) const {
  const std::string given = text();
  const auto found = std::ranges::find(names, given);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  std::string complaint = "has to be one of";
  for (const std::string_view each : names) complaint.append(" ").append(each);
  refuse(complaint);
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
  const std::uint32_t length = array.Length();
  std::vector<Argument> items;
  items.reserve(std::min(length, most_reserved));
  for (std::uint32_t i = 0; i < length; ++i) {
    items.push_back(within(array.Get(i), {.index = i}));
  }
  return items;
}

void Argument::refuse(const std::string& complaint) const {
  refuse_argument(value_.Env(), path(), complaint);
}

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

  const auto refuse_if_taken = [&read](const Argument& argument, PayloadType type) {
    const auto is_taken = [type](const auto& each) { return received_as(each) == type; };
    if (std::ranges::any_of(read.formats, is_taken)) {
      argument.refuse("is the payload type of an audio format");
    }
  };
  const Argument telephone_event = remote.at("telephoneEvent");
  if (!telephone_event.is_absent()) read.telephone_event = read_telephone_event(remote);
  if (read.telephone_event) refuse_if_taken(telephone_event, read.telephone_event->receive);

  const Argument comfort_noise = remote.at("comfortNoise");
  if (!comfort_noise.is_absent()) {
    read.comfort_noise = read_payload_type(comfort_noise);
    refuse_if_taken(comfort_noise, *read.comfort_noise);
  }

  const Argument ptime = remote.at("ptime");
  if (!ptime.is_absent()) read.ptime = Millis{ptime.whole_number(shortest_ptime, longest_ptime)};
  const Argument rtcp_mux = remote.at("rtcpMux");
  if (!rtcp_mux.is_absent()) read.has_rtcp_mux = rtcp_mux.boolean();

  const Argument rtcp_port = remote.at("rtcpPort");
  if (!rtcp_port.is_absent()) read.rtcp_port = read_port(rtcp_port, 1);

  const Argument direction = remote.at("direction");
  if (!direction.is_absent()) {
    read.may_send = direction.at("send").boolean();
    read.may_receive = direction.at("recv").boolean();
  }
  return read;
}

AudioFormat read_audio_format(const Argument& format) {
  const auto read = format_named(format.text());
  if (!read) format.refuse("is no format of this engine");
  return *read;
}

ChannelId read_channel(const Argument& channel) {
  return {static_cast<std::uint64_t>(channel.whole_number(0, highest_exact))};
}

std::uint64_t read_number(const Napi::Value& value, const char* name) {
  return static_cast<std::uint64_t>(Argument(value, name).whole_number(0, highest_exact));
}

Ticket read_ticket(const Argument& ticket) {
  return {static_cast<std::uint64_t>(ticket.whole_number(0, highest_exact))};
}

}  // namespace mediaswitch
