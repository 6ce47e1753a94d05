// What does a call cost at which load? `node bench/sip/loads.mjs [--seconds 8] [--warm-up 20] [<calls a second> …]`
// Kamailio and mediaswitch, with real and with fake media, one after the other.
import { parseArgs } from "node:util";
import { goFirst } from "../media/priority.mjs";
import { textTable } from "../media/results.mjs";
import { cpuTime } from "../media/servers/child.mjs";
import { load, startCallee } from "./load.mjs";
import { CALLERS, freePort } from "./plan.mjs";
import { kamailio } from "./servers/kamailio.mjs";
import { mediaswitch, withFakeMedia } from "./servers/node-servers.mjs";

const { values: options, positionals: rates } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "8" }, "warm-up": { type: "string", default: "20" } },
});
/** Up to where each is busy nearly all the time. */
const USUAL = {
  kamailio: [100, 200, 300, 400, 500, 600],
  mediaswitch: [50, 100, 150, 200, 250, 300],
  "mediaswitch, fake media": [50, 100, 200, 300, 350, 400],
};
const WARM_RATE = 150;

async function measured(kind) {
  const calleePort = await freePort();
  const callee = startCallee(calleePort);
  const server = await kind.start(calleePort);
  const busy = () => server.pids().reduce((sum, pid) => sum + cpuTime(pid), 0);
  const drive = (rate, seconds) =>
    load("caller", { port: server.port, from: CALLERS, rate, count: Math.round(rate * seconds) });
  await drive(WARM_RATE, Number(options["warm-up"]));
  const rows = [];
  for (const rate of rates.length > 0 ? rates.map(Number) : USUAL[kind.name]) {
    const before = busy();
    const { done, failed, repeated } = await drive(rate, Number(options.seconds));
    const micros = (busy() - before) / 1e3;
    rows.push({
      server: kind.name,
      "calls a second": rate,
      "µs each": (micros / done).toFixed(0),
      CPU: `${(micros / (1e4 * Number(options.seconds))).toFixed(0)} %`,
      failed,
      repeated,
    });
  }
  await server.stop();
  await callee.stop();
  return rows;
}

goFirst();
const rows = [];
for (const kind of [kamailio, mediaswitch, withFakeMedia]) rows.push(...(await measured(kind)));
console.log(textTable(rows));
process.exit(0);
