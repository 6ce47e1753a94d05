/** Header names as the RFCs write them: those with capitals of their own, and those that are sent most. */
const WRITTEN: ReadonlyMap<string, string> = new Map(
  [
    ...["Call-ID", "CSeq", "WWW-Authenticate", "MIME-Version", "Min-SE", "RAck", "RSeq", "Remote-Party-ID"],
    ...["SIP-ETag", "SIP-If-Match", "P-Access-Network-Info", "P-Charging-Vector", "P-OSP-Auth-Token"],
    ...["Accept-Encoding", "Accept-Language", "Organization", "Priority", "Server", "Subject", "Timestamp"],
  ].map((name) => [name.toLowerCase(), name]),
);

/** The name as it is printed; `lower` is a token in lower case. Others get a capital at the start of each word. */
export function printedName(lower: string): string {
  return WRITTEN.get(lower) ?? lower.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}
