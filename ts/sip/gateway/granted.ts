import type { NameAddr, SipResponse } from "../message/message.js";
import { equalUri, parseUri } from "../message/uri.js";

/** What a 200 to our REGISTER grants. */
export interface Granted {
  /** Seconds. */
  readonly expires: number;
  /** RFC 3608 §5: Route of requests that go out by this registration. */
  readonly serviceRoute: readonly NameAddr[];
  /** RFC 3327 §5.1: the way that requests take to us. */
  readonly path: readonly NameAddr[];
}

/** RFC 3261 §10.2.4: our Contact's own time, else that of the whole response, else what was asked for. */
export function readGranted({ headers }: SipResponse, contact: NameAddr, asked: number): Granted {
  return {
    expires: expiresOf(headers.contact, contact) ?? headers.expires ?? asked,
    serviceRoute: headers["service-route"] ?? [],
    path: headers.path ?? [],
  };
}

function expiresOf(listed: NameAddr[] | "*" | undefined, contact: NameAddr): number | undefined {
  if (listed === undefined || listed === "*") return undefined;
  const own = parseUri(contact.uri);
  const ours = listed.find(({ uri }) => {
    const read = parseUri(uri);
    return own !== undefined && read !== undefined && equalUri(own, read);
  });
  // Servers that correct our address list a Contact that we can't know again; alone, it must be ours.
  const found = ours ?? (listed.length === 1 ? listed[0] : undefined);
  const text = found?.params["expires"];
  return typeof text === "string" && /^\d+$/.test(text) ? Number(text) : undefined;
}
