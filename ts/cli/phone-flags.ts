import { spokenCodecs } from "../control/codecs.js";
import { MediaswitchError } from "../core/errors.js";
import type { CodecName } from "../sdp/payload-types.js";
import { optional, type Flag } from "./flags.js";
import * as values from "./values.js";

/** Of commands that are a phone. */
export interface PhoneFlags {
  readonly server?: string;
  readonly user?: string;
  readonly password?: string;
  readonly codec?: readonly CodecName[];
  readonly play?: string;
  readonly seconds?: number;
  readonly json?: boolean;
}

/** What can stand in one line. */
export function text(given: string): string {
  if (given !== "" && !/\p{Cc}/u.test(given)) return given;
  throw new values.ValueExpected("expected some text, without control characters");
}

/** Names of codecs by commas; they add to those given before. */
function codecs(text: string, before: readonly CodecName[] = []): readonly CodecName[] {
  try {
    return spokenCodecs([...before, ...values.words(text)]);
  } catch (error) {
    throw error instanceof MediaswitchError ? new values.ValueExpected(error.message) : error;
  }
}

export const PHONE_FLAGS: readonly Flag[] = [
  optional(
    "--server <host:port>",
    "send everything there, a registrar or proxy; ;transport=tcp after it for TCP",
    text,
    "what the address says",
  ),
  optional("--user <name>", "user name for the password", text, "the user of the address"),
  optional("--password <password>", "answers challenges", text),
  optional<readonly CodecName[]>(
    "--codec <names>",
    "what is offered, the preferred one first: pcma, pcmu, 722, ilbc, l16",
    codecs,
    "pcma,pcmu,722",
  ),
];

const USUAL: readonly CodecName[] = ["pcma", "pcmu", "722"];

/** With key presses, which every phone has. */
export const codecsOf = (codec: readonly CodecName[] = USUAL): readonly CodecName[] =>
  codec.includes("2833") ? codec : [...codec, "2833"];
