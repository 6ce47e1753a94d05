import { Agent, request } from "undici";
import type { WebhookSend } from "./webhook.js";

/** Milliseconds that a receiver has to answer. */
const TIMEOUT = 10_000;

/** Sends webhooks over connections of their own: a slow receiver holds up nothing else. */
export class SendsWebhooks {
  readonly #agent = new Agent({ connections: 16, connect: { timeout: TIMEOUT }, maxResponseSize: 64 * 1024 });

  readonly send: WebhookSend = async (url, { headers, body, signal }) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]);
    const answered = await request(url, {
      dispatcher: this.#agent,
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
      signal: limit,
    });
    await answered.body.dump();
    return answered.statusCode;
  };

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}
