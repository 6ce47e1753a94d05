/** The receivers of events, by name, and the routes that set them. */
import { z } from "zod";
import { MediaswitchError } from "../../core/errors.js";
import { isWebhookSecret } from "../../core/webhook-signature.js";
import { NOTHING, part, route, type RouteTable } from "../route-table.js";
import { eventType } from "./event-query.js";
import { Webhook, type WebhookOptions, type WebhookSettings } from "./webhook.js";

/** Receivers at once. */
const MOST = 20;
const NAME = /^[\w.-]{1,64}$/;

const secret = z
  .string()
  .max(256)
  .refine(isWebhookSecret, { error: "expected 16 octets at least, as text, or as base64 after whsec_" });

const webhookBody = z.strictObject({
  url: z
    .string()
    .max(2048)
    .refine((text) => /^https?:\/\/[^/?#\s]+/i.test(text) && URL.canParse(text), {
      error: "expected an http URL",
    }),
  secrets: z
    .array(secret)
    .min(1)
    .max(2)
    .describe("requests are signed by each; the old one goes when receivers know the new one"),
  types: z.array(eventType).min(1).max(100).exactOptional(),
});

const webhookSchema = z.object({
  name: z.string(),
  url: z.string(),
  types: z.array(z.string()).exactOptional(),
  secrets: z.int().describe("how many; they themselves are never told"),
  waiting: z.int(),
  delivered: z.int(),
  undelivered: z.int(),
  last: z
    .object({ at: z.int(), status: z.int().exactOptional(), error: z.string().exactOptional() })
    .exactOptional(),
});

export class Webhooks {
  readonly #parts: Omit<WebhookOptions, "name" | "settings">;
  readonly #webhooks = new Map<string, Webhook>();

  constructor(parts: Omit<WebhookOptions, "name" | "settings">) {
    this.#parts = parts;
  }

  /** Those that are there, by name. */
  get all(): ReadonlyMap<string, Webhook> {
    return this.#webhooks;
  }

  /** @throws {MediaswitchError} ARGUMENT_INVALID with the field, also where there are too many. */
  set(name: string, given: WebhookSettings): Webhook {
    const settings = checked(given);
    if (!NAME.test(name)) {
      throw new MediaswitchError(
        "ARGUMENT_INVALID",
        "name: expected letters, digits, _ . - only, 64 at most",
        "name",
      );
    }
    const known = this.#webhooks.get(name);
    if (known !== undefined) {
      known.settings = settings;
      return known;
    }
    if (this.#webhooks.size >= MOST) {
      throw new MediaswitchError("ARGUMENT_INVALID", `there are ${String(MOST)} webhooks already`, "name");
    }
    const made = new Webhook({ ...this.#parts, name, settings });
    this.#webhooks.set(name, made);
    return made;
  }

  remove(name: string): boolean {
    this.#webhooks.get(name)?.close();
    return this.#webhooks.delete(name);
  }

  close(): void {
    for (const name of [...this.#webhooks.keys()]) this.remove(name);
  }

  get routes(): RouteTable {
    const shown = (name: string, webhook: Webhook): z.output<typeof webhookSchema> => {
      const { url, types, secrets } = webhook.settings;
      return {
        name,
        url,
        ...(types !== undefined && { types: [...types] }),
        secrets: secrets.length,
        ...webhook.state,
      };
    };
    return {
      "/v1/webhooks": {
        GET: route(
          {
            summary: "Receivers of events",
            body: NOTHING,
            reply: z.object({ webhooks: z.array(webhookSchema) }),
          },
          () => ({ webhooks: [...this.#webhooks].map(([name, webhook]) => shown(name, webhook)) }),
        ),
      },
      "/v1/webhooks/:name": {
        GET: route(
          {
            summary: "One receiver of events",
            body: NOTHING,
            reply: webhookSchema,
            refusals: ["WEBHOOK_UNKNOWN"],
          },
          (input) => shown(part(input, "name"), this.#named(part(input, "name"))),
        ),
        PUT: route(
          { summary: "Makes a receiver of events, or changes it", body: webhookBody, reply: webhookSchema },
          (input) => shown(part(input, "name"), this.set(part(input, "name"), input.body)),
        ),
        DELETE: route(
          {
            summary: "Takes a receiver away; what waits for it is forgotten",
            body: NOTHING,
            reply: NOTHING,
            refusals: ["WEBHOOK_UNKNOWN"],
          },
          (input) => {
            this.#named(part(input, "name"));
            this.remove(part(input, "name"));
          },
        ),
      },
    };
  }

  #named(name: string): Webhook {
    const webhook = this.#webhooks.get(name);
    if (webhook === undefined) {
      throw new MediaswitchError("WEBHOOK_UNKNOWN", `there is no webhook ${name}`, "name");
    }
    return webhook;
  }
}

function checked(settings: WebhookSettings): WebhookSettings {
  const result = webhookBody.safeParse(settings);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw new MediaswitchError("ARGUMENT_INVALID", `${field}: ${issue?.message ?? "not valid"}`, field);
}
