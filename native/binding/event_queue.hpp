#pragma once

#include <atomic>
#include <functional>
#include <napi.h>

#include "io/event.hpp"

namespace mediaswitch {

/// Calls JavaScript's thread when the mailbox has something for it.
///
/// The events themselves wait in the engine's bounded mailbox. Here is one flag, so that at most one call is
/// under way however many events come: a media thread sets it and, if it was the first, asks Node for a call,
/// which takes a lock that is only ever held for a few instructions.
/// While it is open, Node's event loop stays alive.
class EventQueue final : public Waker {
 public:
  /// Runs on JavaScript's thread.
  using Drain = std::function<void(Napi::Env env, Napi::Function sink)>;

  EventQueue(Napi::Env env, Napi::Function sink, Drain drain);

  void wake() override;

  /// JavaScript's thread, when nobody can call `wake` any more: `drain` is not called again.
  void close();
  /// Instead of `close` when Node's environment is ending and closes its part by itself.
  void abandon();

 private:
  struct Context {
    Drain drain;
    std::atomic<bool> is_waking{false};
  };
  static void on_wake(Napi::Env env, Napi::Function sink, Context* context, void* nothing);
  using Function = Napi::TypedThreadSafeFunction<Context, void, on_wake>;

  /// Owned by the function, and freed with it.
  Context* context_;
  Function function_;
};

}  // namespace mediaswitch
