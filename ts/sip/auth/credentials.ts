import { binaryToText } from "../message/binary.js";
import type { AuthParams } from "../message/message.js";
import type { DigestAlgorithm } from "../sip-service.js";
import { algorithmNamed } from "./digest.js";

/** What a client sent in Authorization, as text to compute with. */
export interface Credentials {
  readonly algorithm: DigestAlgorithm;
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly cnonce: string;
  /** 8 hexadecimal digits as written: they are hashed. */
  readonly nc: string;
}

const NONCE_COUNT = /^[0-9a-f]{8}$/i;

/**
 * Reads Digest credentials; text: what is wrong with them. A missing or improper parameter is the client's fault
 * and no new challenge would help it (RFC 7616 §3.4: a 4xx). So is an answer without qop, as it is always offered.
 */
export function readCredentials(params: AuthParams): Credentials | string {
  const { username, realm, nonce, uri, response, cnonce, nc } = params;
  if (username === undefined || username === "") return "credentials without username";
  if (realm === undefined) return "credentials without realm";
  if (nonce === undefined) return "credentials without nonce";
  if (uri === undefined) return "credentials without uri";
  if (response === undefined) return "credentials without response";
  if (params["qop"]?.toLowerCase() !== "auth") return "credentials without qop=auth";
  if (cnonce === undefined) return "credentials without cnonce";
  if (nc === undefined || !NONCE_COUNT.test(nc)) return "credentials without an nc of 8 hexadecimal digits";
  const algorithm = algorithmNamed(params["algorithm"]);
  if (algorithm === undefined) return "credentials of an algorithm that was not offered";
  return {
    algorithm,
    username: binaryToText(username),
    realm: binaryToText(realm),
    nonce: binaryToText(nonce),
    uri: binaryToText(uri),
    response,
    cnonce: binaryToText(cnonce),
    nc,
  };
}
