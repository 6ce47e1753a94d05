import { parseConnection } from "./fields.js";
import type { Attribute, MediaDescription } from "./session-description.js";

/** RFC 5761 §5.1.1: on an offer, RTCP may come on the RTP port; on the answer, it does. */
export const RTCP_MUX: Attribute = { name: "rtcp-mux" };

export const hasRtcpMux = (media: MediaDescription): boolean =>
  media.a.some(({ name }) => name === RTCP_MUX.name);

/**
 * Where its writer takes RTCP, when that is not the port after the RTP port (RFC 3605). One that is at another
 * address than the audio counts as none.
 */
export function rtcpPort(media: MediaDescription, address: string): number | undefined {
  const value = media.a.find(({ name }) => name === "rtcp")?.value ?? "";
  const [, digits = "", , elsewhere] = /^(\d{1,5})( (.+))?$/.exec(value.trimEnd()) ?? [];
  const port = Number(digits);
  if (port < 1 || port > 65_535 || port === media.port || port === media.port + 1) return undefined;
  if (elsewhere !== undefined && parseConnection(elsewhere)?.address !== address) return undefined;
  return port;
}
