#include "binding/event_queue.hpp"

#include <utility>

namespace mediaswitch {
namespace {

constexpr std::size_t unlimited = 0;
constexpr std::size_t one_owner = 1;

}  // namespace

EventQueue::EventQueue(Napi::Env env, Napi::Function sink, Drain drain)
    : context_(new Context{.drain = std::move(drain)}),
      function_(Function::New(
          env,
          sink,
          "mediaswitch events",
          unlimited,
          one_owner,
          context_,
          [](Napi::Env /*env*/, void* /*data*/, Context* context) { delete context; },
          static_cast<void*>(nullptr))) {}

void EventQueue::wake() {
  if (!context_->is_waking.exchange(true)) function_.NonBlockingCall();
}

void EventQueue::on_wake(Napi::Env env, Napi::Function sink, Context* context, void* /*nothing*/) {
  // Before draining: an event that comes from here on asks for a call of its own. An exchange, so that the
  // events are seen of whom the flag kept from asking.
  context->is_waking.exchange(false);
  // Node calls without an environment when it is ending.
  if (static_cast<napi_env>(env) == nullptr || !context->drain) return;
  context->drain(env, sink);
}

void EventQueue::close() {
  if (context_ == nullptr) return;
  context_->drain = nullptr;
  context_ = nullptr;
  function_.Release();
}

void EventQueue::abandon() {
  context_->drain = nullptr;
  context_ = nullptr;
}

}  // namespace mediaswitch
