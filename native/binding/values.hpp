#pragma once

#include <napi.h>

#include "io/engine.hpp"
#include "io/event.hpp"
#include "rtp/statistics.hpp"

namespace mediaswitch {

/// The shape of `ChannelStatistics` in ts/rtp/media-service.ts, every reason of `Drop` included.
Napi::Object to_js(Napi::Env env, const Statistics& statistics);

/// The shapes of `NativeHealth` and `NativeEvent` in ts/rtp/addon.ts.
Napi::Object to_js(Napi::Env env, const Engine::Health& health);
Napi::Object to_js(Napi::Env env, const Event& event);

}  // namespace mediaswitch
