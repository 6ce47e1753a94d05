import { md5, sha256 } from "../../ts/core/hash.js";
import { hexToken, type Random } from "../../ts/core/random.js";

export interface Credentials {
  readonly username: string;
  readonly secret: string;
  /** Which of the challenges to answer; MD5 unless given. */
  readonly algorithm?: "MD5" | "SHA-256";
}

/** A challenge as it stood in WWW-Authenticate or Proxy-Authenticate, and how often it was answered. */
export interface Challenge {
  readonly header: "Authorization" | "Proxy-Authorization";
  readonly params: Readonly<Record<string, string>>;
  uses: number;
}

/** The challenges of one WWW-Authenticate or Proxy-Authenticate line. */
export const readChallenges = (kind: "www" | "proxy", line: string): Challenge[] =>
  line.split(/,\s*(?=Digest )/i).map((value) => readChallenge(kind, value));

function readChallenge(kind: "www" | "proxy", value: string): Challenge {
  const params: Record<string, string> = {};
  for (const [, name = "", quoted, bare] of value.matchAll(/([\w-]+)=(?:"([^"]*)"|([^\s,]+))/g)) {
    params[name.toLowerCase()] = quoted ?? bare ?? "";
  }
  return { header: kind === "www" ? "Authorization" : "Proxy-Authorization", params, uses: 0 };
}

const algorithmOf = ({ params }: Challenge): string => params["algorithm"]?.toUpperCase() ?? "MD5";

/** The challenge that asks for the algorithm of `credentials`. */
export const chooseChallenge = (
  challenges: readonly Challenge[],
  { algorithm = "MD5" }: Credentials,
): Challenge | undefined => challenges.find((challenge) => algorithmOf(challenge) === algorithm);

/** The credentials header for a request (RFC 7616 §3.4), as a phone computes it; counts the nonce's use. */
export function digestAnswer(
  challenge: Challenge,
  { username, secret }: Credentials,
  request: { readonly method: string; readonly uri: string },
  random: Random,
): readonly [name: string, value: string] {
  const { realm = "", nonce = "", opaque, qop, algorithm } = challenge.params;
  const hash = algorithmOf(challenge) === "SHA-256" ? sha256 : md5;
  challenge.uses += 1;
  const nc = challenge.uses.toString(16).padStart(8, "0");
  const cnonce = hexToken(random, 4);
  const ha1 = hash(`${username}:${realm}:${secret}`);
  const ha2 = hash(`${request.method}:${request.uri}`);
  const offersAuth = qop?.split(",").some((option) => option.trim() === "auth") === true;
  const response = offersAuth
    ? hash(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`)
    : hash(`${ha1}:${nonce}:${ha2}`);
  const parts = [
    `username="${username}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${request.uri}"`,
    `response="${response}"`,
  ];
  if (algorithm !== undefined) parts.push(`algorithm=${algorithm}`);
  if (offersAuth) parts.push("qop=auth", `nc=${nc}`, `cnonce="${cnonce}"`);
  if (opaque !== undefined) parts.push(`opaque="${opaque}"`);
  return [challenge.header, `Digest ${parts.join(", ")}`];
}
