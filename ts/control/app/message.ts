import type { Line } from "./line.js";
import type { Abortable } from "./verb-options.js";
import { waitFor } from "./wait-for.js";

/** MESSAGE within the call; settles when the SIP side has taken it. */
export function message(
  line: Line,
  text: string,
  { contentType = "text/plain", signal }: Abortable & { readonly contentType?: string },
): Promise<void> {
  return waitFor<undefined>({ verb: "message", desk: line.desk, line, signal }, async (waiter) => {
    const { callid } = line.call;
    await line.desk.sip.execute({ type: "dialog.message", callid, contenttype: contentType, body: text });
    waiter.done(undefined);
  });
}
