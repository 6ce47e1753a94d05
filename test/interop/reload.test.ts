/** SIGHUP: certificate and key are read again; what can't be used changes nothing. */
import { writeFileSync } from "node:fs";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import t from "tap";
import { makeCertificate } from "../support/certificate.js";
import { eventually } from "./support/eventually.js";
import { temporaryFolder } from "./support/folder.js";
import { LOOPBACK } from "./support/ports.js";
import { startProcess } from "./support/process.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const PATIENCE_MILLIS = 60_000;

/** Whose certificate is shown there. */
const shown = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: LOOPBACK, port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on("error", reject);
  });

void t.test("SIGHUP with TLS", async (t) => {
  const folder = temporaryFolder(t);
  const { certificate, key } = makeCertificate(folder, [`IP:${LOOPBACK}`], { commonName: "first" });
  const running = startProcess(
    t,
    "env",
    [
      // Without what the test runner has Node load.
      ...["-u", "NODE_OPTIONS", process.execPath],
      ...["--import=tsx", "ts/cli.ts", "sip", "--listen", `tls:${LOOPBACK}:0`],
      ...["--tls-cert", certificate, "--tls-key", key, "--sip-http-port", "0"],
    ],
    { cwd: root },
  );
  const [, port] = await running.printed(/127\.0\.0\.1:(\d+) over TLS/, PATIENCE_MILLIS);
  t.equal(await shown(Number(port)), "first");

  writeFileSync(certificate, "no certificate");
  process.kill(running.pid, "SIGHUP");
  await running.printed(/what is there stays as it is/, PATIENCE_MILLIS);
  t.equal(await shown(Number(port)), "first");

  makeCertificate(folder, [`IP:${LOOPBACK}`], { commonName: "second" });
  process.kill(running.pid, "SIGHUP");
  const now = await eventually(
    PATIENCE_MILLIS,
    () => shown(Number(port)),
    (name) => name === "second",
  );
  t.equal(now, "second");
  t.same(await running.stop(), { code: 0, signal: null });
});
