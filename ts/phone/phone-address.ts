import { MediaswitchError } from "../core/errors.js";
import { formatUri, parseUri, type SipUri } from "../sip/message/uri.js";

/** `user@host`, with a port and parameters where they are given: as people write it, `sip:` before it or not. */
export function readAddress(text: string, field: string): SipUri {
  const uri = parseUri(/^sips?:/i.test(text) ? text : `sip:${text}`);
  if (uri !== undefined) return uri;
  throw new MediaswitchError(
    "ARGUMENT_INVALID",
    `${field} "${text}" is no SIP address: expected such as 1001@pbx.example.net or sip:1001@192.0.2.1:5060`,
    field,
  );
}

/** Without user, so that it names a server. */
export function serverOf(uri: SipUri): string {
  const { user: _user, password: _password, ...server } = uri;
  return formatUri({ ...server, headers: {} });
}

/** Without what only says how to get there. */
export const plainAddress = ({ scheme, user, host }: SipUri): string =>
  formatUri({ scheme, host, params: {}, headers: {}, ...(user === undefined ? {} : { user }) });
