#pragma once

#include <cstddef>
#include <cstdint>
#include <napi.h>
#include <vector>

namespace mediaswitch {

/// Has Node's event loop tell on JavaScript's thread when a descriptor can be read, and on demand when it can
/// be written. The loop stays alive for it. Ends by itself when Node's environment does.
class DescriptorWatch {
 public:
  class Listener {
   public:
    virtual void on_readable() = 0;
    virtual void on_writable() = 0;
    /// The environment ends: the descriptor is not watched any more.
    virtual void on_end() = 0;

   protected:
    ~Listener() = default;
  };

  /// Throws a JavaScript error where the loop can't watch it. Owns itself from then on, until after `close`.
  static DescriptorWatch* open(Napi::Env env, int descriptor, Listener& listener);

  DescriptorWatch(const DescriptorWatch&) = delete;
  DescriptorWatch& operator=(const DescriptorWatch&) = delete;
  DescriptorWatch(DescriptorWatch&&) = delete;
  DescriptorWatch& operator=(DescriptorWatch&&) = delete;

  /// Also tells when it can be written, once.
  void tell_writable();
  /// The listener is told of nothing any more, and the descriptor may be closed; this object is gone.
  void close();

 private:
  DescriptorWatch(Napi::Env env, int descriptor, Listener& listener);
  ~DescriptorWatch() = default;

  static void on_event(void* handle, int status, int events);
  static void on_environment_end(napi_async_cleanup_hook_handle hook, void* self);
  void watch();

  Listener* listener_;
  bool wants_writable_ = false;
  /// libuv's, of whatever size it has.
  std::vector<std::max_align_t> handle_;
  /// Removed when libuv has let go of the handle: the environment waits for that.
  napi_async_cleanup_hook_handle hook_ = nullptr;
};

}  // namespace mediaswitch
