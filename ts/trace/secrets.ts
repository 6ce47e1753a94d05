/** Takes out of a message what is nobody's business who reads traces: proofs of passwords, media keys, what was typed. */

const REMOVED = "removed";

const SECRET_HEADER = /authorization|cookie|token|secret|password|api-?key/i;
/** Bodies that tell how the call is made, and nothing that people say to each other. */
const SHOWN_BODY = /^(application\/sdp|message\/sipfrag)\b/i;

/** The text stays as long as it needs to be; its lines stay in order. */
export function withoutSecrets(text: string): string {
  const end = text.indexOf("\r\n\r\n");
  const head = end < 0 ? text : text.slice(0, end);
  const lines = head
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n")
    .map(cleanLine);
  if (end < 0) return lines.join("\r\n");
  const body = text.slice(end + 4);
  return `${lines.join("\r\n")}\r\n\r\n${body === "" ? "" : cleanBody(body, contentType(lines))}`;
}

const contentType = (lines: readonly string[]): string =>
  lines
    .map((line) => /^(?:content-type|c)\s*:\s*(.*)$/i.exec(line)?.[1])
    .find((type) => type !== undefined) ?? "";

function cleanLine(line: string): string {
  const named = /^([^\s:]+)\s*:\s*(.*)$/.exec(line);
  const [, name = "", value = ""] = named ?? [];
  if (named !== null && /^(proxy-)?authorization$/i.test(name)) return `${name}: ${cleanCredentials(value)}`;
  if (named !== null && /^(proxy-)?authentication-info$/i.test(name)) return `${name}: ${cleanProof(value)}`;
  if (named !== null && SECRET_HEADER.test(name)) return `${name}: ${REMOVED}`;
  return line
    .replace(/\b(sips?:[^\s:@<>;?]*):[^\s@<>]*@/gi, `$1:${REMOVED}@`)
    .replace(/([?&;](?:proxy-)?authorization=)[^&>;"\s]*/gi, `$1${REMOVED}`);
}

/** Who it is and where stays, the proof goes: with it a password could be guessed at leisure. */
function cleanCredentials(value: string): string {
  const scheme = value.split(/\s/, 1)[0] ?? "";
  return /^digest$/i.test(scheme) ? cleanProof(value) : `${scheme} ${REMOVED}`;
}

const cleanProof = (value: string): string =>
  value.replace(/\b(response|rspauth)\s*=\s*("(?:[^"\\]|\\.)*"?|[^\s,]*)/gi, `$1="${REMOVED}"`);

function cleanBody(body: string, type: string): string {
  if (!SHOWN_BODY.test(type)) {
    return `[${String(body.length)} octets of ${type === "" ? "no named type" : type}, not shown]`;
  }
  return body
    .replace(/^(a=crypto:\S+\s+\S+\s+inline:).*$/gim, `$1${REMOVED}`)
    .replace(/^(k=\w+:).*$/gim, `$1${REMOVED}`)
    .replace(/^(a=(?:key-mgmt|ice-pwd):).*$/gim, `$1${REMOVED}`);
}
