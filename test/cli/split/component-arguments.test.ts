import t from "tap";
import { componentArguments } from "../../../ts/cli/split/component-arguments.js";
import { ourWords } from "../../../ts/cli/split/run-split.js";
import type { RunningJson } from "../../../ts/cli/summary-json.js";

const given = [
  { name: "trust", value: "192.0.2.1" },
  { name: "trust", value: "192.0.2.2" },
  { name: "ports", value: "10000-10100" },
  { name: "media-address", value: "0.0.0.0" },
  { name: "split" },
  { name: "v1" },
  { name: "json" },
  { name: "token", value: "-sesame" },
];

await t.test("a component is given its own flags, and what we say in place of what was said", (t) => {
  t.same(componentArguments("sip", given, {}), [
    "sip",
    "--trust=192.0.2.1",
    "--trust=192.0.2.2",
    "--token=-sesame",
    "--json",
  ]);
  t.same(componentArguments("rtp", given, { "media-address": "192.0.2.9" }), [
    "rtp",
    "--ports=10000-10100",
    "--token=-sesame",
    "--media-address=192.0.2.9",
    "--json",
  ]);
  t.same(componentArguments("control", given, { script: "a.ts" }), [
    "control",
    "--v1",
    "--token=-sesame",
    "--script=a.ts",
    "--json",
  ]);
  t.end();
});

const local = { address: "127.0.0.1", port: 5071 };
const sip: RunningJson = {
  running: "sip",
  url: "http://127.0.0.1:9100",
  listeners: [{ protocol: "UDP", local, advertised: local }],
};
const rtp: RunningJson = {
  running: "rtp",
  url: "http://[::1]:9102",
  advertised: "::1",
  ports: { low: 10_000, high: 10_100 },
};
const options = { script: "a.ts", mediaAddress: "127.0.0.1", sipPort: 0 };

await t.test("control is told where the others are, and who comes back takes the ports that it had", (t) => {
  t.same(ourWords("sip", options, new Map()), {});
  t.same(ourWords("rtp", options, new Map()), { "media-address": "127.0.0.1" });
  const known = new Map<"sip" | "rtp", RunningJson>([
    ["sip", sip],
    ["rtp", rtp],
  ]);
  t.same(ourWords("control", options, known), {
    script: "a.ts",
    "sip-url": "http://127.0.0.1:9100",
    "rtp-url": "http://[::1]:9102",
  });
  t.same(ourWords("sip", options, known), { "sip-http-port": "9100", "sip-port": "5071" });
  t.same(ourWords("sip", { ...options, sipPort: 5060 }, known), { "sip-http-port": "9100" });
  t.same(ourWords("rtp", options, known), { "rtp-http-port": "9102", "media-address": "127.0.0.1" });
  t.end();
});
