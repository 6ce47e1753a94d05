/** A document printed for others: elements, attributes and text, all escaped. It reads nothing. */
export interface XmlElement {
  readonly name: string;
  /** Those that are undefined are left out. */
  readonly attributes?: Readonly<Record<string, string | undefined>>;
  readonly content?: string | readonly XmlElement[];
}

/** UTF-8 is what the text has to become. */
export const xmlDocument = (root: XmlElement): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\r\n${print(root)}\r\n`;

function print({ name, attributes = {}, content = "" }: XmlElement): string {
  let tag = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) tag += ` ${key}="${escaped(value)}"`;
  }
  const inner = typeof content === "string" ? escaped(content) : content.map(print).join("");
  return inner === "" ? `${tag}/>` : `${tag}>${inner}</${name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** What XML 1.0 §2.2 has no place for is left out: most control characters, halves of surrogate pairs, U+FFFE, U+FFFF. */
function escaped(text: string): string {
  return text
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, "")
    .replaceAll(/[&<>"'\t\n\r]/g, (character) => ESCAPES[character] ?? "");
}
