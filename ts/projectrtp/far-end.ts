import { isIP } from "node:net";
import type { AudioFormat, RemoteMedia } from "../rtp/media-service.js";
import { NotSupportedYet } from "./not-supported-yet.js";

/** The far end, as programs name it. */
export interface RemoteOptions {
  readonly address?: string;
  readonly port?: number;
  /** RTP payload type: 0 PCMU (unless given), 8 PCMA, 9 G.722, 97 iLBC. */
  readonly codec?: number;
  /** Payload type of telephone-events; 101 unless given. */
  readonly rfc2833pt?: number;
  /** Payload type that iLBC goes by; 97 unless given. */
  readonly ilbcpt?: number;
  /** RTCP on the RTP port (RFC 5761). */
  readonly rtcpmux?: boolean;
  /** Not supported yet. */
  readonly dtls?: unknown;
  readonly icepwd?: unknown;
}

export interface PayloadTypes {
  readonly rfc2833pt?: number;
  readonly ilbcpt?: number;
}

const RFC2833 = 101;
const ILBC = 97;

const FORMATS: ReadonlyMap<number, AudioFormat> = new Map([
  [0, "PCMU"],
  [8, "PCMA"],
  [9, "G722"],
  [ILBC, "iLBC/20"],
]);

/**
 * @param usual what counts where it is left out: what was said when the channel was opened.
 * @returns undefined where there is no address to send to, or no codec of ours.
 * @throws {NotSupportedYet} DTLS and ICE.
 */
export function farEnd(options: RemoteOptions, usual: PayloadTypes = {}): RemoteMedia | undefined {
  refuseSecurity(options, "remote");
  const { address, port, codec = 0, rtcpmux } = options;
  const telephoneEvent = options.rfc2833pt ?? usual.rfc2833pt ?? RFC2833;
  const ilbc = options.ilbcpt ?? usual.ilbcpt ?? ILBC;
  const format = FORMATS.get(codec) ?? (codec === ilbc ? "iLBC/20" : undefined);
  if (typeof address !== "string" || isIP(address) === 0 || format === undefined) return undefined;
  if (!isNumber(port, 1, 65_535) || !isNumber(telephoneEvent, 0, 127) || !isNumber(ilbc, 0, 127))
    return undefined;
  return {
    address,
    port,
    formats: [{ payloadType: format === "iLBC/20" ? ilbc : codec, format }],
    telephoneEvent,
    ...(rtcpmux === true && { rtcpMux: true }),
  };
}

/** @throws {NotSupportedYet} */
export function refuseSecurity(
  { dtls, icepwd }: Pick<RemoteOptions, "dtls" | "icepwd">,
  field: string,
): void {
  if (dtls !== undefined && dtls !== null) throw new NotSupportedYet("DTLS and SRTP are", `${field}.dtls`);
  if (icepwd !== undefined && icepwd !== null && icepwd !== "") {
    throw new NotSupportedYet("ICE is", `${field}.icepwd`);
  }
}

const isNumber = (value: unknown, low: number, high: number): value is number =>
  Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
