/** Copies of messages for Homer (HEP 3), read by Kamailio's sipcapture: it sees what came, as if it had come to it. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { eventually } from "./support/eventually.js";
import { temporaryFolder } from "./support/folder.js";
import { LOOPBACK, freePorts } from "./support/ports.js";
import { startProcess } from "./support/process.js";
import { startSwitch, stopSwitch } from "./support/switch.js";

/** @param database a folder: sipcapture wants one, though nothing is kept here. */
const configuration = (port: number, database: string): string => `
debug=1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:${LOOPBACK}:${String(port)}
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "sl.so"
loadmodule "db_text.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "text://${database}")
modparam("sipcapture", "hep_capture_on", 1)
modparam("sipcapture", "capture_on", 0)
request_route { xlog("L_ALERT", "captured $rm from $si:$sp id $ci\\n"); drop; }
onreply_route { xlog("L_ALERT", "captured $rs from $si:$sp id $ci\\n"); drop; }
`;

const optionsFrom = (port: number): string =>
  [
    "OPTIONS sip:example.net SIP/2.0",
    `Via: SIP/2.0/UDP ${LOOPBACK}:${String(port)};branch=z9hG4bKcaptured;rport`,
    "From: <sip:a@example.net>;tag=1",
    "To: <sip:example.net>",
    "Call-ID: captured@example.net",
    "CSeq: 1 OPTIONS",
    "Max-Forwards: 70",
    "Content-Length: 0",
    "\r\n",
  ].join("\r\n");

void t.test("Kamailio's sipcapture reads our copies", async (t) => {
  const folder = temporaryFolder(t);
  const database = join(folder, "db");
  mkdirSync(database);
  const port = await freePorts();
  const file = join(folder, "capture.cfg");
  writeFileSync(file, configuration(port, database));
  const homer = startProcess(
    t,
    "kamailio",
    [...["-DD", "-E", "-f", file, "-w", folder, "-Y", folder], ...["-m", "32", "-M", "4"]],
    { env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` } },
  );
  await homer.printed(/Listening on[\s\S]*udp: /, 60_000);
  const mediaswitch = await startSwitch(t, {
    deployment: "one process",
    script: "answer.cjs",
    environment: { MEDIASWITCH_HEP: `${LOOPBACK}:${String(port)}` },
  });
  const phone = createSocket("udp4").bind(0, LOOPBACK);
  await once(phone, "listening");
  t.teardown(() => phone.close());
  const { port: ownPort } = phone.address();
  phone.send(optionsFrom(ownPort), mediaswitch.sipPort, LOOPBACK);
  const captured = (): RegExpMatchArray[] => [
    ...homer.output().matchAll(/captured (\w+) from ([\d.]+):(\d+) id (\S+)/g),
  ];
  const [request, response] = await eventually(60_000, captured, ({ length }) => length >= 2);
  t.same(request?.slice(1, 4), ["OPTIONS", LOOPBACK, String(ownPort)], "from whom it came");
  t.same(response?.slice(2, 4), [LOOPBACK, String(mediaswitch.sipPort)], "our answer comes from us");
  t.match(response?.[1], /^(200|401)$/);
  t.equal(request?.[4], response?.[4], "the same Call-ID");
  await stopSwitch(t, mediaswitch);
});
