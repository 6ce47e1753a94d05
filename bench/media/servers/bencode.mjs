// Bencoding, as rtpengine's control protocol has it: strings, whole numbers, lists and dictionaries.

/** What is told is octets: strings are UTF-8. */
export function encode(value) {
  if (typeof value === "string") return `${String(Buffer.byteLength(value))}:${value}`;
  if (typeof value === "number") return `i${String(value)}e`;
  if (Array.isArray(value)) return `l${value.map(encode).join("")}e`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `d${entries.map(([key, entry]) => encode(key) + encode(entry)).join("")}e`;
}

/** @throws {Error} when `text` (latin1: one character an octet) is not one whole value. */
export function decode(text) {
  const [value, end] = read(text, 0);
  if (end !== text.length) throw new Error("more than one value");
  return value;
}

/** The value that begins at `at`, and where it ends. */
function read(text, at) {
  const first = text[at];
  if (first === "i") {
    const end = text.indexOf("e", at);
    return [Number(text.slice(at + 1, end)), end + 1];
  }
  if (first === "l" || first === "d") {
    const values = [];
    let next = at + 1;
    while (next < text.length && text[next] !== "e") {
      const [value, end] = read(text, next);
      values.push(value);
      next = end;
    }
    return [first === "l" ? values : dictionary(values), next + 1];
  }
  const colon = text.indexOf(":", at);
  const size = Number(text.slice(at, colon));
  if (colon < 0 || !Number.isInteger(size)) throw new Error("this is not bencoded");
  return [text.slice(colon + 1, colon + 1 + size), colon + 1 + size];
}

function dictionary(values) {
  const result = {};
  for (let i = 0; i < values.length; i += 2) result[values[i]] = values[i + 1];
  return result;
}
