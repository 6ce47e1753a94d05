#pragma once

#include <napi.h>

#include "audio/wav.hpp"
#include "io/engine.hpp"

namespace mediaswitch {

/// The shape of `NativeHealth` in ts/rtp/addon.ts.
Napi::Object to_js(Napi::Env env, const Engine::Health& health);

/// The shape of `SoundInfo` in ts/rtp/addon.ts.
Napi::Object to_js(Napi::Env env, const WavHeader& header);

}  // namespace mediaswitch
