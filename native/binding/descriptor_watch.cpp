#include "binding/descriptor_watch.hpp"

#include <node_api.h>

// Of libuv, which is part of Node; its header is not part of Node-API's, nor of every installation of Node.
// What is named here keeps its form as long as libuv is version 1.
extern "C" {
std::size_t uv_handle_size(int type);
int uv_poll_init(uv_loop_s* loop, void* poll, int descriptor);
int uv_poll_start(void* poll, int events, void (*told)(void* poll, int status, int events));
void uv_close(void* handle, void (*closed)(void* handle));
void uv_handle_set_data(void* handle, void* data);
void* uv_handle_get_data(const void* handle);
}

namespace mediaswitch {
namespace {

constexpr int poll_handle = 8;
constexpr int readable = 1;
constexpr int writable = 2;

std::size_t elements(std::size_t octets) {
  return (octets + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t);
}

}  // namespace

DescriptorWatch* DescriptorWatch::open(Napi::Env env, int descriptor, Listener& listener) {
  return new DescriptorWatch(env, descriptor, listener);
}

DescriptorWatch::DescriptorWatch(Napi::Env env, int descriptor, Listener& listener)
    : listener_(&listener), handle_(elements(uv_handle_size(poll_handle))) {
  uv_loop_s* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  if (uv_poll_init(loop, handle_.data(), descriptor) != 0) {
    throw Napi::Error::New(env, "the event loop can't watch a socket");
  }
  uv_handle_set_data(handle_.data(), this);
  napi_add_async_cleanup_hook(env, on_environment_end, this, &hook_);
  watch();
}

void DescriptorWatch::watch() {
  uv_poll_start(handle_.data(), wants_writable_ ? readable | writable : readable, on_event);
}

void DescriptorWatch::tell_writable() {
  if (wants_writable_) return;
  wants_writable_ = true;
  watch();
}

void DescriptorWatch::on_event(void* handle, int status, int events) {
  auto* const self = static_cast<DescriptorWatch*>(uv_handle_get_data(handle));
  if (status < 0) {
    // The socket has an error, which reading tells; libuv has stopped watching.
    self->watch();
    self->listener_->on_readable();
    return;
  }
  if ((events & writable) != 0) {
    self->wants_writable_ = false;
    self->watch();
    self->listener_->on_writable();
  }
  // It may have been closed from within; this object stays until the loop's next turn.
  if ((events & readable) != 0 && self->listener_ != nullptr) self->listener_->on_readable();
}

void DescriptorWatch::close() {
  if (listener_ == nullptr) return;
  listener_ = nullptr;
  uv_close(handle_.data(), [](void* handle) {
    auto* const self = static_cast<DescriptorWatch*>(uv_handle_get_data(handle));
    napi_remove_async_cleanup_hook(self->hook_);
    delete self;
  });
}

void DescriptorWatch::on_environment_end(napi_async_cleanup_hook_handle /*hook*/, void* self) {
  auto* const watch = static_cast<DescriptorWatch*>(self);
  if (watch->listener_ == nullptr) return;
  Listener& listener = *watch->listener_;
  // First: a descriptor is not to be closed while libuv watches it.
  watch->close();
  listener.on_end();
}

}  // namespace mediaswitch
