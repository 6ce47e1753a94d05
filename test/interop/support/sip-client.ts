/** A SIP client of a few lines over a real socket, for answers that no phone shows whole. */
import { createHash, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { LOOPBACK } from "./ports.js";

export interface Answer {
  readonly statusLine: string;
  /** In the order in which they came. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const token = (): string => randomBytes(6).toString("hex");
const ANSWER_MILLIS = 5_000;

function parse(datagram: string): Answer {
  const [statusLine = "", ...lines] = datagram.split("\r\n\r\n")[0]?.split("\r\n") ?? [];
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
  });
  return { statusLine, headers };
}

/** The Digest credentials of RFC 7616 §3.4 for a challenge with MD5 and qop=auth. */
function credentials(challenge: string, user: string, secret: string, uri: string): string {
  const parameter = (name: string): string => new RegExp(`${name}="?([^",]*)`).exec(challenge)?.[1] ?? "";
  const [realm, nonce, cnonce] = [parameter("realm"), parameter("nonce"), token()];
  const a1 = md5(`${user}:${realm}:${secret}`);
  const response = md5(`${a1}:${nonce}:00000001:${cnonce}:auth:${md5(`REGISTER:${uri}`)}`);
  return (
    `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", ` +
    `algorithm=MD5, qop=auth, nc=00000001, cnonce="${cnonce}"`
  );
}

export interface Account {
  readonly domain: string;
  readonly user: string;
  readonly secret: string;
}

export interface Answers {
  readonly first: Answer;
  readonly second: Answer;
}

/** Registers once without and once with credentials. */
export const tryToRegister = (sipPort: number, account: Account): Promise<Answers> =>
  askTwice(sipPort, account, (port) => [
    `Contact: <sip:${account.user}@${LOOPBACK}:${String(port)}>`,
    "Expires: 300",
  ]);

/** Removes all bindings of the account (RFC 3261 §10.2.2). */
export const removeBindings = (sipPort: number, account: Account): Promise<Answers> =>
  askTwice(sipPort, account, () => ["Contact: *", "Expires: 0"]);

async function askTwice(
  sipPort: number,
  { domain, user, secret }: Account,
  binding: (port: number) => readonly string[],
): Promise<Answers> {
  const socket = createSocket("udp4");
  socket.bind(0, LOOPBACK);
  await once(socket, "listening");
  const { port } = socket.address();
  const uri = `sip:${domain}`;
  const callId = token();
  const ask = async (sequence: number, extra: readonly string[]): Promise<Answer> => {
    const lines = [
      `REGISTER ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${LOOPBACK}:${String(port)};rport;branch=z9hG4bK${token()}`,
      `From: <sip:${user}@${domain}>;tag=${callId}`,
      `To: <sip:${user}@${domain}>`,
      `Call-ID: ${callId}`,
      `CSeq: ${String(sequence)} REGISTER`,
      "Max-Forwards: 70",
      ...binding(port),
      ...extra,
      "Content-Length: 0",
    ];
    const answered = once(socket, "message", { signal: AbortSignal.timeout(ANSWER_MILLIS) });
    socket.send(`${lines.join("\r\n")}\r\n\r\n`, sipPort, LOOPBACK);
    const [datagram] = (await answered) as [Buffer];
    return parse(datagram.toString("utf8"));
  };
  try {
    const first = await ask(1, []);
    const challenge =
      first.headers.find(({ name }) => name.toLowerCase() === "www-authenticate")?.value ?? "";
    const second = await ask(2, [`Authorization: ${credentials(challenge, user, secret, uri)}`]);
    return { first, second };
  } finally {
    socket.close();
  }
}
