import type { ChannelStatistics } from "../media-service.js";

/** Of a channel whose server can't be asked any more: what it counted is lost with it. */
export const LOST_STATISTICS: ChannelStatistics = {
  datagrams: 0,
  forwarded: 0,
  consumed: 0,
  received: { packets: 0, octets: 0, lost: 0, jitterMillis: 0, rFactor: null, mos: null },
  sent: { packets: 0, octets: 0, lost: null, jitterMillis: null, rFactor: null, mos: null },
  roundTripMillis: null,
  dropped: {},
  tick: { count: 0, meanUs: 0, maxUs: 0 },
};
