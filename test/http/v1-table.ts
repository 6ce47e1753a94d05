/** The API under `/v1`, over a call and a SIP side that only note that they were reached. */
import { Controller } from "../../ts/control/controller.js";
import { silentLog } from "../../ts/core/log.js";
import type { RouteTable } from "../../ts/http/route-table.js";
import { callRoutes } from "../../ts/http/v1/call-routes.js";
import { EventLog } from "../../ts/http/v1/event-log.js";
import { EventStreams } from "../../ts/http/v1/event-streams.js";
import { Webhooks } from "../../ts/http/v1/webhooks.js";
import { FakeMediaService } from "../support/fake-media-service.js";
import { FakeSipService } from "../support/fake-sip-service.js";
import { ManualClock } from "../support/manual-clock.js";
import { SeededRandom } from "../support/seeded-random.js";

export function v1Table(reached: (what: string) => void): RouteTable {
  const [clock, random, log] = [new ManualClock(), new SeededRandom(1), silentLog];
  const sip = new FakeSipService();
  const execute = sip.execute.bind(sip);
  sip.execute = (command, signal) => {
    reached(command.type);
    return execute(command, signal);
  };
  const resource = { id: "c", callid: "c" };
  const call = {
    hangup: () => {
      reached("hangup");
      return Promise.resolve();
    },
  };
  const events = new EventLog({ clock, feed: "f" });
  const webhooks = new Webhooks({ events, clock, random, log, send: () => Promise.resolve(200) });
  const set = webhooks.set.bind(webhooks);
  webhooks.set = (name, settings) => {
    const webhook = set(name, settings);
    reached("webhook");
    return webhook;
  };
  return {
    ...callRoutes({
      controller: new Controller({ sip, media: new FakeMediaService(), clock, random, log }),
      registry: {
        call: () => call,
        page: () => ({ calls: [] }),
        resource: () => resource,
        resourceOf: () => resource,
      } as never,
      actions: {
        perform: () => {
          reached("action");
          return Promise.resolve();
        },
      } as never,
    }),
    ...new EventStreams({ log: events, clock }).routes,
    ...webhooks.routes,
  };
}

/** As `SAMPLES` of component-tables.ts. */
export const V1_SAMPLES: Readonly<Record<string, unknown>> = {
  "/v1/calls": {
    from: { user: "1000", domain: "example.net" },
    to: { user: "1003" },
    timeout: 30_000,
    callerid: { number: "1", name: "A", private: false },
    metadata: { customer: 4711 },
  },
  "/v1/calls/:id": { action: "play", sounds: ["a.wav", { tone: "440:100" }], loop: 2, interrupt: true },
  "/v1/webhooks/:name": { url: "https://example.net/hook", secrets: ["0123456789abcdef0123456789abcdef"] },
};
