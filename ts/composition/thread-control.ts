import { HttpClient } from "../http/client.js";
import { componentRequests } from "../http/component-requests.js";
import { openControl, type OpenControl, type OpenControlOptions } from "./control-connection.js";

export interface ThreadControlOptions extends Omit<OpenControlOptions, "requests"> {
  /** Where the other components serve HTTP, for what a script asks them itself. */
  readonly sipUrl: string;
  readonly rtpUrl: string;
}

/** Control in a thread of its own: its events come through doors, its script's own requests go over HTTP. */
export async function openThreadControl({
  sipUrl,
  rtpUrl,
  ...options
}: ThreadControlOptions): Promise<OpenControl> {
  const client = new HttpClient(options.token === undefined ? {} : { token: options.token });
  try {
    const requests = componentRequests({ client, sip: sipUrl, rtp: rtpUrl });
    const opened = await openControl({ ...options, requests });
    return {
      ...opened,
      close: async () => {
        await opened.close();
        await client.close();
      },
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}
