import type { ActionReply, Component, ComponentRequests } from "../control/component-requests.js";
import type { HttpClient } from "./client.js";
import { statusPhrase } from "./problem.js";
import type { Method } from "./route-table.js";

export interface ComponentRequestsOptions {
  readonly client: HttpClient;
  /** URLs of the components; absent where one has none. */
  readonly sip?: string;
  readonly rtp?: string;
}

const METHODS: readonly Method[] = ["GET", "PUT", "POST", "PATCH", "DELETE"];

/** Requests of a script to the other components. */
export function componentRequests({ client, sip, rtp }: ComponentRequestsOptions): ComponentRequests {
  const urlOf = (component: Component): string | undefined => {
    if (component === "sip") return sip;
    if (component === "rtp") return rtp;
    const host = component.host.includes(":") ? `[${component.host}]` : component.host;
    return `http://${host}:${String(component.port)}`;
  };
  return async (component, { method: wanted, path, body }): Promise<ActionReply> => {
    const base = urlOf(component);
    const method = METHODS.find((known) => known === wanted);
    if (base === undefined) return failed("the HTTP address of that component is not known here");
    if (method === undefined) return failed(`there is no method ${wanted}`);
    try {
      const unavailable = component === "rtp" ? "MEDIA_UNAVAILABLE" : "SIP_UNAVAILABLE";
      const reply = await client.ask({
        method,
        base,
        path,
        ...(body === undefined ? {} : { body }),
        isForeign: typeof component === "object",
        unavailable,
      });
      return { code: reply.status, message: statusPhrase(reply.status), json: reply.body };
    } catch (error) {
      return failed(error instanceof Error ? error.message : String(error));
    }
  };
}

const failed = (message: string): ActionReply => ({ code: 500, message, json: undefined });
