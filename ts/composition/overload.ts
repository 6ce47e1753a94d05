import { ms } from "../core/brand.js";
import type { OverloadLimits } from "../sip/overload/limits.js";
import { LoadShare } from "../sip/overload/load-share.js";
import type { SipOptions } from "./options.js";

/** Milliseconds: at half of T1 (RFC 3261 §17.1.1.1) phones are about to ask again, which makes it worse. */
const MAX_LAG = 250;
/** Percent of the thread's time. */
const MAX_LOAD = 98;
/** Of the marks above: where it is over. */
const LOW_LAG = 0.2;
const LOW_LOAD = 0.92;

/** The marks of one thread. */
export function loadShare({ maxLag = MAX_LAG, maxLoad = MAX_LOAD }: SipOptions): LoadShare {
  return new LoadShare({
    lag: { high: ms(maxLag), low: ms(maxLag * LOW_LAG) },
    utilization: { high: maxLoad / 100, low: (maxLoad / 100) * LOW_LOAD },
  });
}

export function overloadLimits(options: SipOptions): Partial<OverloadLimits> {
  const { maxCalls, sourceRate, trunkRate, aorRate, emergency } = options;
  return {
    ...(maxCalls === undefined ? {} : { calls: maxCalls }),
    ...(sourceRate === undefined ? {} : { source: sourceRate }),
    ...(trunkRate === undefined ? {} : { trunk: trunkRate }),
    ...(aorRate === undefined ? {} : { aor: aorRate }),
    ...(emergency === undefined ? {} : { emergencyNumbers: emergency }),
  };
}
