/** Header names as the RFCs write them, where a capital letter at the start of each word is not it. */
const WRITTEN: ReadonlyMap<string, string> = new Map(
  [
    ...["Call-ID", "CSeq", "WWW-Authenticate", "MIME-Version", "Min-SE", "RAck", "RSeq", "Remote-Party-ID"],
    ...["SIP-ETag", "SIP-If-Match", "P-Access-Network-Info", "P-Charging-Vector", "P-OSP-Auth-Token"],
  ].map((name) => [name.toLowerCase(), name]),
);

/** The name as it is printed; `name` is a token in any case. */
export function printedName(name: string): string {
  const lower = name.toLowerCase();
  return WRITTEN.get(lower) ?? lower.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}
