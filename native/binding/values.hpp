#pragma once

#include <functional>
#include <napi.h>
#include <string>

#include "audio/wav.hpp"
#include "io/engine.hpp"
#include "io/event.hpp"
#include "rtp/statistics.hpp"

namespace mediaswitch {

/// The shape of `ChannelStatistics` in ts/rtp/media-service.ts, every reason of `Drop` included.
Napi::Object to_js(Napi::Env env, const Statistics& statistics);

/// The shapes of `NativeHealth` and `NativeEvent` in ts/rtp/addon.ts.
Napi::Object to_js(Napi::Env env, const Engine::Health& health);
/// `file_of`: the path of a recorder's file.
Napi::Object to_js(Napi::Env env, const Event& event, const std::function<std::string(RecorderId)>& file_of);

/// The shape of `SoundInfo` in ts/rtp/addon.ts.
Napi::Object to_js(Napi::Env env, const WavHeader& header);

}  // namespace mediaswitch
