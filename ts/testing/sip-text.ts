/** A SIP message as its lines; read and written without the code under test, and without its strictness. */
export interface SipText {
  /** `INVITE sip:bob@example.org SIP/2.0`, `SIP/2.0 180 Ringing`. */
  readonly firstLine: string;
  /** Lower-case full names and values, in order of appearance. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

const COMPACT: Readonly<Record<string, string>> = {
  v: "via",
  f: "from",
  t: "to",
  i: "call-id",
  m: "contact",
  c: "content-type",
  l: "content-length",
  k: "supported",
};

export function readSip(octets: Uint8Array): SipText {
  const text = Buffer.from(octets).toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const [firstLine = "", ...lines] = (end === -1 ? text : text.slice(0, end)).split("\r\n");
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    return [COMPACT[name] ?? name, line.slice(colon + 1).trim()];
  });
  return { firstLine, headers, body: end === -1 ? "" : text.slice(end + 4) };
}

/** Adds Content-Length; `Name: value` lines are printed as given. */
export function writeSip(
  firstLine: string,
  headers: readonly (readonly [name: string, value: string])[],
  body = "",
): Uint8Array {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(
    `${firstLine}\r\n${lines}Content-Length: ${String(body.length)}\r\n\r\n${body}`,
    "latin1",
  );
}

/** All values of a header, one for each line. */
export const allHeaders = (message: SipText, name: string): string[] =>
  message.headers.filter(([key]) => key === name).map(([, value]) => value);

/** The values of all lines of a header, joined as RFC 3261 §7.3.1 allows; undefined if there is none. */
export function header(message: SipText, name: string): string | undefined {
  const values = allHeaders(message, name.toLowerCase());
  return values.length === 0 ? undefined : values.join(", ");
}

/** "INVITE" of a request, "180 Ringing" of a response: how ladders name a message. */
export function messageName({ firstLine }: SipText): string {
  return firstLine.startsWith("SIP/2.0 ") ? firstLine.slice(8) : (firstLine.split(" ")[0] ?? "");
}

/** 180 of a response, undefined of a request. */
export function statusOf({ firstLine }: SipText): number | undefined {
  return firstLine.startsWith("SIP/2.0 ") ? Number(firstLine.slice(8, 11)) : undefined;
}

/** Parameter after the `>` (or after the first `;`) of a From, To, Contact or Via value. */
export function headerParam(value: string | undefined, name: string): string | undefined {
  if (value === undefined) return undefined;
  const params = value.slice(value.includes(">") ? value.lastIndexOf(">") + 1 : 0).split(";");
  const found = params.find((param) => param.trim().toLowerCase().startsWith(`${name}=`));
  return found?.trim().slice(name.length + 1);
}

/** The URI of a From, To, Contact or Route value. */
export function headerUri(value: string): string {
  const open = value.indexOf("<");
  if (open !== -1) return value.slice(open + 1, value.indexOf(">", open));
  return value.split(";")[0]?.trim() ?? value;
}

/** The CSeq of a message: number and method. */
export function cseqOf(message: SipText): { readonly seq: number; readonly method: string } {
  const [seq, method = ""] = (header(message, "cseq") ?? "").split(/\s+/);
  return { seq: Number(seq), method };
}
