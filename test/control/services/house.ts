/** A switch of users 1000 to 1009 for tests of services, and what its scripts made of their calls. */
import type { Test } from "tap";
import type { ActiveCall } from "../../../ts/control/app/active-call.js";
import { CallEnded } from "../../../ts/control/app/call-ended.js";
import type { App } from "../../../ts/control/app/app.js";
import { testPbx, type TestPbx, type TestPbxOptions } from "../../../ts/testing/index.js";

export const DOMAIN = "example.org";
const USERS = Array.from({ length: 10 }, (_, index) => ({
  username: String(1000 + index),
  secret: `secret ${String(index)}`,
}));

/** What a verb came to: its result, or the name or code of its error. */
export type Outcome = unknown;

export interface House {
  readonly pbx: TestPbx;
  readonly app: App;
  /** What the handler returned, or `CallEnded`, or the code of the error it threw, by who called. */
  readonly outcomes: Map<string, Outcome>;
  /** Calls by who called. */
  readonly calls: Map<string, ActiveCall>;
  /** All is over, and nothing is left. */
  closes(t: Test): Promise<void>;
}

/** @param handler what becomes of a call that comes in; what it returns is its outcome. */
export async function openHouse(
  handler: (call: ActiveCall, app: App) => unknown,
  options: TestPbxOptions = {},
): Promise<House> {
  const outcomes = new Map<string, Outcome>();
  const calls = new Map<string, ActiveCall>();
  const pbx = await testPbx(({ app }) => {
    void app.directory(DOMAIN, USERS);
    app.oncall(async (call) => {
      calls.set(call.from, call);
      try {
        outcomes.set(call.from, await handler(call, app));
      } catch (error) {
        outcomes.set(call.from, nameOf(error));
        throw error;
      }
    });
  }, options);
  return {
    pbx,
    app: pbx.app,
    outcomes,
    calls,
    closes: async (t) => {
      await pbx.close();
      t.same(pbx.left, { calls: 0, channels: 0 });
      t.same(pbx.log.errors, []);
    },
  };
}

/** Why calls to these users ended, by whom, as it happens from now on. */
export function causesOf({ app }: House, users: readonly string[]): Map<string, string> {
  const causes = new Map<string, string>();
  void (async () => {
    for await (const event of app.events()) {
      if (event.type === "call-ended" && users.includes(event.call.to)) {
        causes.set(event.call.to, event.ending.cause);
      }
    }
  })();
  return causes;
}

const nameOf = (error: unknown): string =>
  error instanceof CallEnded
    ? "CallEnded"
    : error instanceof Error && "code" in error
      ? String(error.code)
      : String(error);
