/**
 * Signatures of webhooks, by which a receiver knows that a request is ours, is fresh, and is no repetition of an old
 * one. The form is that of the Standard Webhooks specification, so that its libraries verify it in any language: the
 * header `webhook-signature` holds a list of `v1,<base64>`, each the HMAC-SHA256 of `<id>.<timestamp>.<body>`.
 */
import { MediaswitchError } from "./errors.js";
import { equalInConstantTime, hmacSha256 } from "./hash.js";

/** What a receiver takes at most between our clock and its own: seconds. */
const TOLERANCE = 300;
const BASE64_PREFIX = "whsec_";
const SHORTEST_SECRET = 16;

export interface WebhookHeaders {
  /** `<feed>.<number>`: the same at each attempt, and another for each event. */
  readonly "webhook-id": string;
  /** Unix seconds of this attempt. */
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
}

/** A secret's octets: what follows `whsec_` is base64, anything else is taken as it stands. */
function keyOf(secret: string): Uint8Array {
  if (!secret.startsWith(BASE64_PREFIX)) return new TextEncoder().encode(secret);
  return Uint8Array.from(atob(secret.slice(BASE64_PREFIX.length)), (character) => character.charCodeAt(0));
}

/** Whether it can be a secret: long enough, and base64 where it says so. */
export function isWebhookSecret(secret: string): boolean {
  try {
    return keyOf(secret).length >= SHORTEST_SECRET;
  } catch {
    return false;
  }
}

/** @param secrets one or, while receivers change from one to the other, two: a signature by each. */
export function signWebhook(
  secrets: readonly string[],
  { id, timestamp, body }: { readonly id: string; readonly timestamp: number; readonly body: string },
): WebhookHeaders {
  const signed = `${id}.${String(timestamp)}.${body}`;
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": secrets.map((secret) => `v1,${hmacSha256(keyOf(secret), signed)}`).join(" "),
  };
}

export interface ReceivedWebhook {
  /** Names in lower case, as Node has them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The octets that came, as text: not what JSON.parse made of them. */
  readonly body: string;
  /** Those that may have been signed with. */
  readonly secrets: readonly string[];
  /** The receiver's clock: Unix seconds. */
  readonly now: number;
  /** Seconds; 300 unless given. */
  readonly tolerance?: number;
}

export interface VerifiedWebhook {
  /** Keep it, to know a repetition. */
  readonly id: string;
  readonly feed: string;
  /** The event's number. */
  readonly number: number;
  readonly timestamp: number;
}

/**
 * For receivers.
 * @throws {MediaswitchError} UNAUTHORIZED: not ours, too old or changed on the way.
 */
export function verifyWebhook({
  headers,
  body,
  secrets,
  now,
  tolerance = TOLERANCE,
}: ReceivedWebhook): VerifiedWebhook {
  const id = oneOf(headers, "webhook-id");
  const timestamp = oneOf(headers, "webhook-timestamp");
  const given = oneOf(headers, "webhook-signature").split(" ");
  const [, feed = "", number = ""] = /^([\w-]+)\.(\d{1,15})$/.exec(id) ?? [];
  if (number === "" || !/^\d{1,12}$/.test(timestamp)) throw refused("its headers are none of ours");
  // First, so that who has no secret learns nothing of our clock.
  const expected = signWebhook(secrets, { id, timestamp: Number(timestamp), body })[
    "webhook-signature"
  ].split(" ");
  const isSigned = expected.some((one) => given.some((other) => equalInConstantTime(one, other)));
  if (secrets.length === 0 || !isSigned) throw refused("its signature is wrong");
  // The other way round, a clock that is none would let everything in.
  if (!(Math.abs(now - Number(timestamp)) <= tolerance)) throw refused("it is too old, or from the future");
  return { id, feed, number: Number(number), timestamp: Number(timestamp) };
}

function oneOf(headers: ReceivedWebhook["headers"], name: string): string {
  const value = headers[name];
  if (typeof value !== "string") throw refused(`it has no ${name}`);
  return value;
}

const refused = (why: string): MediaswitchError =>
  new MediaswitchError("UNAUTHORIZED", `the webhook is not to be trusted: ${why}`);
