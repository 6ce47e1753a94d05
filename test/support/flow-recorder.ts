import { appendFileSync } from "node:fs";

/** A call flow as the documents show it. */
export interface RecordedFlow {
  readonly title: string;
  readonly picture: string;
}

/** Takes a flow down where the environment asks for it (MEDIASWITCH_FLOWS, a file): tools/reference makes a page of them. */
export function recordFlow(flow: RecordedFlow): void {
  const file = process.env["MEDIASWITCH_FLOWS"];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(flow)}\n`);
}
