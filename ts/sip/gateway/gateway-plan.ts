import { MediaswitchError } from "../../core/errors.js";
import { isNetwork } from "../../core/networks.js";
import type { NameAddr } from "../message/message.js";
import { sipAddress } from "../message/sip-address.js";
import { formatUri, parseUri, type SipUri } from "../message/uri.js";
import type { GatewaySettings } from "../sip-service.js";

/** Settings of a gateway, checked and with everything filled in. */
export interface GatewayPlan {
  readonly settings: GatewaySettings;
  /** Where it is: no user. */
  readonly server: SipUri;
  /** Domain of our account. */
  readonly domain: string;
  readonly aor: string;
  readonly username: string;
  readonly proxy: NameAddr | undefined;
  readonly register: boolean;
  /** Seconds. */
  readonly expires: number;
  readonly sources: readonly string[];
}

const DEFAULT_EXPIRES = 3600;
const SHORTEST = 60;
const LONGEST = 86_400;
const MOST_SOURCES = 64;

/** @throws {MediaswitchError} ARGUMENT_INVALID with the field. */
export function readGatewaySettings(settings: GatewaySettings): GatewayPlan {
  const { from, to, expires = DEFAULT_EXPIRES, sources = [] } = settings;
  if (from.user === "") throw invalid("from.user", "is empty");
  const server = parseUri(`sip:${to.domain}`);
  if (server === undefined || server.user !== undefined || Object.keys(server.headers).length > 0) {
    throw invalid("to.domain", `"${to.domain}" is no host name or address`);
  }
  const domain = from.domain ?? server.host;
  const own = parseUri(`sip:${domain}`);
  if (own === undefined || own.user !== undefined) {
    throw invalid("from.domain", `"${domain}" is no host name or address`);
  }
  if (!Number.isInteger(expires) || expires < SHORTEST || expires > LONGEST) {
    throw invalid("expires", `has to be from ${String(SHORTEST)} to ${String(LONGEST)} seconds`);
  }
  if (sources.length > MOST_SOURCES) throw invalid("sources", `are more than ${String(MOST_SOURCES)}`);
  const wrong = sources.findIndex((source) => !isNetwork(source));
  if (wrong !== -1) throw invalid(`sources[${String(wrong)}]`, "is no address or network");
  return {
    settings,
    server,
    domain,
    aor: sipAddress(from.user, domain),
    username: from.authuser ?? from.user,
    proxy: settings.proxy === undefined ? undefined : readProxy(settings.proxy),
    register: settings.register ?? from.authsecret !== undefined,
    expires,
    sources,
  };
}

/** The proxy as a Route: a loose router, as all are since RFC 3261. */
function readProxy(text: string): NameAddr {
  const uri = parseUri(text);
  if (uri === undefined || Object.keys(uri.headers).length > 0)
    throw invalid("proxy", `"${text}" is no SIP URI`);
  return { uri: formatUri({ ...uri, params: { ...uri.params, lr: null } }), params: {} };
}

/** Whether two plans register the same at the same place, so that one registration does for both. */
export function registersAlike(a: GatewayPlan, b: GatewayPlan): boolean {
  const told = ({ settings, aor, username, server, proxy, register, expires }: GatewayPlan): string =>
    JSON.stringify([
      aor,
      username,
      settings.from.authsecret ?? null,
      formatUri(server),
      proxy?.uri ?? null,
      register,
      expires,
    ]);
  return told(a) === told(b);
}

const invalid = (field: string, what: string): MediaswitchError =>
  new MediaswitchError("ARGUMENT_INVALID", `${field} ${what}`, field);
