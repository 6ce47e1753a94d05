#include "binding/datagram_socket.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include "binding/arguments.hpp"
#include "binding/descriptor_watch.hpp"
#include "io/datagram_port.hpp"

namespace mediaswitch {
namespace {

/// In `facts`, of each datagram: octets, port of the source, its IPv4 address as a number (IPv6: 0).
constexpr std::size_t facts_each = 3;

std::uint32_t ipv4_number(const SocketAddress& address) {
  if (address.any.sa_family != AF_INET) return 0;
  return __builtin_bswap32(address.ipv4.sin_addr.s_addr);
}

/// Node's way of telling the system's errors: `errno` is negative.
double to_js(const std::error_code& error) { return -error.value(); }

class DatagramSocket final : public Napi::ObjectWrap<DatagramSocket>, DescriptorWatch::Listener {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env,
                       "DatagramSocket",
                       {InstanceMethod<&DatagramSocket::send>("send"),
                        InstanceMethod<&DatagramSocket::tell_writable>("tellWritable"),
                        InstanceMethod<&DatagramSocket::source>("source"),
                        InstanceMethod<&DatagramSocket::receive_buffer>("receiveBuffer"),
                        InstanceMethod<&DatagramSocket::close>("close")});
  }

  /// `new DatagramSocket({ address, port, receiveBuffer }, onDatagrams, onWritable)`
  explicit DatagramSocket(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<DatagramSocket>(info),
        port_(bind(info)),
        octets_(Napi::Persistent(
            Napi::Uint8Array::New(info.Env(), DatagramPort::most * DatagramPort::octets_each))),
        facts_(Napi::Persistent(Napi::Uint32Array::New(info.Env(), DatagramPort::most * facts_each))),
        on_datagrams_(read_callback(info, 1, "onDatagrams")),
        on_writable_(read_callback(info, 2, "onWritable")) {
    const Napi::Env env = info.Env();
    octets_memory_ = {octets_.Value().Data(), octets_.Value().ByteLength()};
    facts_memory_ = {facts_.Value().Data(), facts_.Value().ElementLength()};
    const SocketAddress local = port_.local();
    Napi::Object self = Value();
    self.Set("octets", octets_.Value());
    self.Set("facts", facts_.Value());
    self.Set("address", Napi::String::New(env, address_text(local)));
    self.Set("port", Napi::Number::New(env, port_of(local)));
    watch_ = DescriptorWatch::open(env, port_.descriptor(), *this);
    Ref();
  }

 private:
  static DatagramPort bind(const Napi::CallbackInfo& info) {
    const Argument options(info[0], "options");
    const auto port = static_cast<std::uint16_t>(options.at("port").whole_number(0, UINT16_MAX));
    const auto room = static_cast<int>(options.at("receiveBuffer").whole_number(1, INT32_MAX));
    const SocketAddress local = read_address(options.at("address").text(), port);
    if (local.size == 0) refuse_socket(info.Env(), std::make_error_code(std::errc::invalid_argument));
    auto bound = DatagramPort::bind(local, room);
    if (!bound.ok()) refuse_socket(info.Env(), bound.error());
    return std::move(bound.value());
  }

  [[noreturn]] static void refuse_socket(Napi::Env env, const std::error_code& why) {
    Napi::Error error = Napi::Error::New(env, why.message());
    error.Set("errno", Napi::Number::New(env, to_js(why)));
    throw error;
  }

  static Napi::FunctionReference read_callback(const Napi::CallbackInfo& info,
                                               std::size_t nth,
                                               const char* name) {
    if (!info[nth].IsFunction()) refuse_argument(info.Env(), name, "has to be a function");
    return Napi::Persistent(info[nth].As<Napi::Function>());
  }

  /// `send(octets, address, port): number`, 0 or the system's error, negative.
  Napi::Value send(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
      refuse_argument(env, "octets", "has to be a Uint8Array");
    }
    const auto octets = info[0].As<Napi::Uint8Array>();
    const auto port = static_cast<std::uint16_t>(Argument(info[2], "port").whole_number(1, UINT16_MAX));
    const SocketAddress to = read_address(Argument(info[1], "address").text(), port);
    if (to.size == 0) return Napi::Number::New(env, to_js(std::make_error_code(std::errc::invalid_argument)));
    return Napi::Number::New(env, to_js(port_.send({octets.Data(), octets.ByteLength()}, to)));
  }

  /// `tellWritable()`: `onWritable` is called when the system has room again, once.
  void tell_writable(const Napi::CallbackInfo& /*info*/) {
    if (watch_ != nullptr) watch_->tell_writable();
  }

  /// `source(nth): string`, the address that a datagram of this batch came from.
  Napi::Value source(const Napi::CallbackInfo& info) {
    const auto nth =
        static_cast<std::size_t>(Argument(info[0], "nth").whole_number(0, DatagramPort::most - 1));
    const SocketAddress* const from = headers_[nth].from;
    return Napi::String::New(info.Env(), from == nullptr ? std::string() : address_text(*from));
  }

  /// `receiveBuffer(): number`, in octets.
  Napi::Value receive_buffer(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), port_.receive_buffer());
  }

  /// `close()`: the port is free, and nothing is called back any more.
  void close(const Napi::CallbackInfo& /*info*/) {
    if (watch_ == nullptr) return;
    std::exchange(watch_, nullptr)->close();
    port_.close();
    Unref();
  }

  void on_readable() override {
    const auto read = port_.read(octets_memory_, headers_);
    if (!read.ok()) {
      call(on_datagrams_, to_js(read.error()));
      return;
    }
    if (read.value() == 0) return;
    for (std::size_t i = 0; i < read.value(); ++i) {
      const Header& header = headers_[i];
      const auto facts = facts_memory_.subspan(i * facts_each, facts_each);
      facts[0] = static_cast<std::uint32_t>(header.octets);
      facts[1] = port_of(*header.from);
      facts[2] = ipv4_number(*header.from);
    }
    call(on_datagrams_, static_cast<double>(read.value()));
  }

  void on_writable() override { call(on_writable_, 0); }

  /// A worker is terminated, or the process exits.
  void on_end() override {
    watch_ = nullptr;
    port_.close();
  }

  /// As Node calls back: microtasks run afterwards, and what is thrown is an uncaught exception.
  void call(const Napi::FunctionReference& function, double number) {
    const Napi::Env env = Env();
    const Napi::HandleScope scope(env);
    const napi_value argument = Napi::Number::New(env, number);
    const napi_status status =
        napi_make_callback(env, nullptr, Value(), function.Value(), 1, &argument, nullptr);
    if (status != napi_pending_exception) return;
    napi_value thrown = nullptr;
    napi_get_and_clear_last_exception(env, &thrown);
    napi_fatal_exception(env, thrown);
  }

  using Header = DatagramPort::Header;

  DatagramPort port_;
  Napi::Reference<Napi::Uint8Array> octets_;
  Napi::Reference<Napi::Uint32Array> facts_;
  std::span<std::uint8_t> octets_memory_;
  std::span<std::uint32_t> facts_memory_;
  DatagramPort::Headers headers_{};
  Napi::FunctionReference on_datagrams_;
  Napi::FunctionReference on_writable_;
  /// Null once it is closed.
  DescriptorWatch* watch_ = nullptr;
};

}  // namespace

Napi::Function define_datagram_socket(Napi::Env env) { return DatagramSocket::define(env); }

}  // namespace mediaswitch
