import { SystemClock } from "../core/system-clock.js";
import { systemRandom } from "../core/system-random.js";
import type { CodecName } from "../sdp/payload-types.js";
import { formatUri } from "../sip/message/uri.js";
import { placeCall, type CallReport, type PlaceCallOptions } from "./call-report.js";
import { openPhone, openPhoneMedia } from "./open-phone.js";
import { readAddress, serverOf } from "./phone-address.js";
import { reachServer } from "./reach-server.js";
import { MediaswitchError } from "../core/errors.js";

export interface CallOnceOptions extends PlaceCallOptions {
  /** A SIP address; a mere number where there is a `server`. */
  readonly to: string;
  /** `user`, or `user@domain`; the domain is that of `to` unless given. */
  readonly from: string;
  /** Shown to whoever is called. */
  readonly name?: string;
  /** Where it is sent, `host:port`, whatever `to` says. */
  readonly server?: string;
  /** For digest: the user of `from` unless given. */
  readonly user?: string;
  readonly password?: string;
  readonly codecs: readonly CodecName[];
  readonly soundsRoot?: string;
  readonly recordingsRoot?: string;
}

/**
 * A phone for one call, which is not registered.
 * @throws {MediaswitchError} ARGUMENT_INVALID; ABORTED. That the server can't be found is a report, too.
 */
export async function callOnce(options: CallOnceOptions): Promise<CallReport> {
  const { to, from, server, signal } = options;
  const at = server === undefined ? undefined : readAddress(server, "server");
  const isNumber = !/^sips?:/i.test(to) && !to.includes("@");
  if (isNumber && at === undefined) {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      `"${to}" has no domain: call ${to}@domain, or name the server with --server host:port`,
      "to",
    );
  }
  const caller = from.includes("@") ? readAddress(from, "from") : undefined;
  const domain = caller?.host ?? at?.host;
  const uri = readAddress(isNumber ? `${to}@${domain ?? ""}` : to, "to");
  const clock = new SystemClock();
  const found = await reachServer(at === undefined ? serverOf(uri) : serverOf(at), {
    clock,
    random: systemRandom,
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (error instanceof MediaswitchError && error.code === "DESTINATION_UNREACHABLE") return error;
    throw error;
  });
  const target = formatUri(uri);
  if (found instanceof MediaswitchError) {
    return { to: target, callId: "", outcome: "unreachable", why: found.message };
  }
  const { soundsRoot, recordingsRoot, codecs, password = "", name } = options;
  const media = await openPhoneMedia({
    address: found.local,
    ...(soundsRoot === undefined ? {} : { soundsRoot }),
    ...(recordingsRoot === undefined ? {} : { recordingsRoot }),
  });
  try {
    const user = caller?.user ?? from;
    const { it: phone, close } = await openPhone({
      account: {
        user,
        domain: domain ?? uri.host,
        password,
        authUser: options.user ?? user,
        ...(name === undefined ? {} : { name }),
      },
      codecs,
      media: media.it,
      reach: found,
    });
    try {
      return await placeCall(phone, target, options);
    } finally {
      await close();
    }
  } finally {
    await media.close();
  }
}
