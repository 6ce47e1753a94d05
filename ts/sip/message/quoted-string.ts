/** Takes quotes and quoted pairs off (RFC 3261 §25.1 quoted-string). `quoted` is well formed. */
export function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (!inner.includes("\\")) return inner;
  let text = "";
  for (let index = 0; index < inner.length; index += 1) {
    if (inner[index] === "\\") index += 1;
    text += inner.charAt(index);
  }
  return text;
}

/** Control characters are escaped as well; CR and LF can't stand in a quoted string at all. */
export function quote(text: string): string {
  let quoted = '"';
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '"' || character === "\\" || character < " " || character === "\x7f") quoted += "\\";
    quoted += character;
  }
  return quoted + '"';
}
