/**
 * Digest access authentication (RFC 7616, for SIP: RFC 3261 §22 and RFC 8760): what both sides compute.
 * Values in `AuthParams` carry no quotes; the printer puts them around realm, nonce, opaque, domain, username, uri,
 * response and cnonce, and around the qop of a challenge. Bare are algorithm, stale, nc, and the qop of
 * credentials (RFC 7616 §3.3, §3.4).
 */
import { md5, sha256 } from "../../core/hash.js";
import { binaryToText, textToBinary } from "../message/binary.js";
import type { AuthParams } from "../message/message.js";
import type { DigestAlgorithm } from "../sip-service.js";

/** Hash functions by their name on the wire: text (hashed as UTF-8) in, lower-case hexadecimal out. */
export type DigestHashes = Readonly<Record<DigestAlgorithm, (text: string) => string>>;

export const DIGEST_HASHES: DigestHashes = { MD5: md5, "SHA-256": sha256 };

/** Strongest first, the order in which they are offered (RFC 8760 §2.3). */
export const DIGEST_ALGORITHMS: readonly DigestAlgorithm[] = ["SHA-256", "MD5"];

export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly username: string;
  readonly realm: string;
  readonly secret: string;
  /** H(username:realm:secret) where it is known; it goes before `secret`. */
  readonly ha1?: string;
  readonly method: string;
  /** The digest-uri as the client wrote it. */
  readonly uri: string;
  readonly nonce: string;
  /** Absent where the challenge offered no qop (RFC 2069, kept by RFC 3261 §22.4 item 8). `nc`: 8 hex digits. */
  readonly auth?: { readonly cnonce: string; readonly nc: string };
}

/** H(A1) of RFC 7616 §3.4.2. */
export const digestHa1 = (
  { algorithm, username, realm, secret }: Pick<DigestInput, "algorithm" | "username" | "realm" | "secret">,
  hashes: DigestHashes = DIGEST_HASHES,
): string => hashes[algorithm](`${username}:${realm}:${secret}`);

/** `response` of RFC 7616 §3.4.1 for qop=auth: three hashes, whether or not H(A1) is known. */
export function digestResponse(input: DigestInput, hashes: DigestHashes = DIGEST_HASHES): string {
  const hash = hashes[input.algorithm];
  const computed = digestHa1(input, hashes);
  const a1 = input.ha1 ?? computed;
  const a2 = hash(`${input.method}:${input.uri}`);
  const { auth } = input;
  return auth === undefined
    ? hash(`${a1}:${input.nonce}:${a2}`)
    : hash(`${a1}:${input.nonce}:${auth.nc}:${auth.cnonce}:auth:${a2}`);
}

/** Absent means MD5 (RFC 7616 §3.3). Undefined for one that is not computed here (MD5-sess, SHA-512-256 …). */
export function algorithmNamed(text: string | undefined): DigestAlgorithm | undefined {
  if (text === undefined) return "MD5";
  const name = text.toUpperCase();
  return DIGEST_ALGORITHMS.find((algorithm) => algorithm === name);
}

export const isDigest = (params: AuthParams): boolean => params.scheme.toLowerCase() === "digest";

/** Whether `answerChallenge` can compute an answer; of several challenges the first such is to be taken (RFC 8760 §2.4). */
export function canAnswer(challenge: AuthParams): boolean {
  return (
    isDigest(challenge) &&
    challenge["realm"] !== undefined &&
    challenge["nonce"] !== undefined &&
    algorithmNamed(challenge["algorithm"]) !== undefined &&
    (challenge["qop"] === undefined || offersAuth(challenge["qop"]))
  );
}

const offersAuth = (qop: string): boolean =>
  qop.split(",").some((option) => option.trim().toLowerCase() === "auth");

export interface ChallengeAnswer {
  readonly method: string;
  /** The Request-URI the credentials go with, as it is printed. */
  readonly uri: string;
  readonly username: string;
  readonly secret: string;
  readonly cnonce: string;
  /** Requests sent with this nonce, this one included: counts from 1. */
  readonly nc: number;
}

/**
 * Credentials for a challenge (401: Authorization, 407: Proxy-Authorization) that `canAnswer`.
 * `algorithm` and `opaque` come back as they were given; a challenge without qop gets an answer without.
 */
export function answerChallenge(challenge: AuthParams, answer: ChallengeAnswer): AuthParams {
  const { realm = "", nonce = "", opaque, algorithm, qop } = challenge;
  const nc = answer.nc.toString(16).padStart(8, "0");
  const response = digestResponse({
    algorithm: algorithmNamed(algorithm) ?? "MD5",
    username: answer.username,
    realm: binaryToText(realm),
    secret: answer.secret,
    method: answer.method,
    uri: binaryToText(answer.uri),
    nonce: binaryToText(nonce),
    ...(qop === undefined ? {} : { auth: { cnonce: answer.cnonce, nc } }),
  });
  return {
    scheme: "Digest",
    username: textToBinary(answer.username),
    realm,
    nonce,
    uri: answer.uri,
    response,
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(opaque === undefined ? {} : { opaque }),
    ...(qop === undefined ? {} : { qop: "auth", cnonce: answer.cnonce, nc }),
  };
}
