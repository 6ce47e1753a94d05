import type { RtpPlace } from "../control/projectcontrol.js";
import type { PoolMember } from "../rtp/media-pool/media-pool.js";
import { httpUrl } from "./http-url.js";

/** Why a text names no RTP servers. */
export class RtpServersExpected extends Error {
  constructor() {
    super("expected http URLs, such as http://192.0.2.1:9002 or http://192.0.2.1:9002;weight=2");
  }
}

/** URLs separated by commas, each perhaps with `;weight=<number>`. @throws {RtpServersExpected} */
export function readRtpServers(text: string): readonly PoolMember[] {
  return text.split(",").map((one) => {
    const [, url = "", weight] =
      /^\s*(https?:\/\/[^/;][^;]*?)\/*(?:;weight=(\d+(?:\.\d+)?))?\s*$/i.exec(one) ?? [];
    if (!URL.canParse(url) || Number(weight ?? 1) <= 0) throw new RtpServersExpected();
    return { url, ...(weight === undefined ? {} : { weight: Number(weight) }) };
  });
}

/** The RTP servers that a script has set. */
export const rtpServersOf = (places: readonly Readonly<RtpPlace>[]): readonly PoolMember[] =>
  places.map((place) => ({
    url: httpUrl(place),
    ...(place.weight === undefined ? {} : { weight: place.weight }),
  }));
