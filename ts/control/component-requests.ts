/** Requests of a script to a component's HTTP. Control itself knows no HTTP: whoever connects it does. */
import type { Log } from "../core/log.js";

export type Component = "sip" | "rtp" | { readonly host: string; readonly port: number };

export interface ComponentRequest {
  readonly method: string;
  /** Starts with `/`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
}

export interface ActionReply {
  /** The HTTP status; 500 too where nobody answered. */
  readonly code: number;
  readonly message: string;
  /** The reply's body, where it was JSON. */
  readonly json: unknown;
}

/** Never rejects. */
export type ComponentRequests = (component: Component, request: ComponentRequest) => Promise<ActionReply>;

export type ReplyListener = (reply: ActionReply) => unknown;

export interface Question {
  readonly request: object | undefined;
  readonly path: string;
  readonly method: string;
}

/** Asks, and gives `done` what comes of it. Never rejects. */
export async function ask(
  requests: ComponentRequests | undefined,
  question: Question & {
    readonly component: Component;
    readonly done: ReplyListener | undefined;
    readonly log: Log;
  },
): Promise<void> {
  const { component, request, path, method, done, log } = question;
  const reply: ActionReply =
    requests === undefined
      ? { code: 500, message: "projectcontrol.run() has not connected yet", json: undefined }
      : await requests(component, {
          method: method.toUpperCase(),
          path,
          ...(request !== undefined && { body: request }),
        });
  try {
    await done?.(reply);
  } catch (error) {
    log.error({ err: error, path, method }, "the callback of a request failed");
  }
}
