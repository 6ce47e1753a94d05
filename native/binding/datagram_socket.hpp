#pragma once

#include <napi.h>

namespace mediaswitch {

/// The class `DatagramSocket` of ts/sip/transport/native-datagrams.ts: a UDP socket on Node's own event loop,
/// which calls JavaScript once for all the datagrams it finds there.
Napi::Function define_datagram_socket(Napi::Env env);

}  // namespace mediaswitch
