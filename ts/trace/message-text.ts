/** A SIP message as kept text, read leniently: what a peer has sent may be anything. */

export interface MessageText {
  readonly firstLine: string;
  /** Of a response, else undefined. */
  readonly status: number | undefined;
  /** Of the request, or of the one that a response answers. */
  readonly method: string;
  /** Lower-case full names and values, as they stood. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

const FULL_NAMES: Readonly<Record<string, string>> = {
  c: "content-type",
  e: "content-encoding",
  f: "from",
  i: "call-id",
  k: "supported",
  l: "content-length",
  m: "contact",
  o: "event",
  r: "refer-to",
  s: "subject",
  t: "to",
  u: "allow-events",
  v: "via",
  x: "session-expires",
};

export function readMessage(text: string): MessageText {
  const end = text.indexOf("\r\n\r\n");
  const head = end < 0 ? text : text.slice(0, end);
  const [firstLine = "", ...lines] = head.replace(/\r\n[ \t]+/g, " ").split("\r\n");
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    return [FULL_NAMES[name] ?? name, line.slice(colon + 1).trim()];
  });
  const status = /^SIP\/2\.0 (\d{3})/.exec(firstLine)?.[1];
  const cseq = headers.find(([name]) => name === "cseq")?.[1] ?? "";
  const method = status === undefined ? firstLine : cseq.replace(/^\d+\s*/, "");
  return {
    firstLine,
    status: status === undefined ? undefined : Number(status),
    method: (method.split(" ", 1)[0] ?? "").toUpperCase(),
    headers,
    body: end < 0 ? "" : text.slice(end + 4),
  };
}

/** The first of that name. */
export function headerOf({ headers }: MessageText, name: string): string | undefined {
  return headers.find(([each]) => each === name)?.[1];
}

/** `INVITE`, `180 Ringing (INVITE)`. */
export function nameOf({ firstLine, status, method }: MessageText): string {
  return status === undefined ? method : `${firstLine.replace(/^SIP\/2\.0 /, "")} (${method})`;
}
