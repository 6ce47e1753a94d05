import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NodeServer } from "./child.mjs";

export const PROJECTRTP_VERSION = "2.6.20";

/** Where bench/media/get-peers.mjs builds it. */
export const projectrtpFolder =
  process.env.BENCH_PROJECTRTP ?? fileURLToPath(new URL("../../../build/bench/projectrtp", import.meta.url));

const addon = "node_modules/@babblevoice/projectrtp/build/Release/projectrtp.node";
const program = fileURLToPath(new URL("projectrtp-process.mjs", import.meta.url));

export const projectrtp = {
  name: "projectrtp",
  missing: () =>
    existsSync(join(projectrtpFolder, addon)) ? undefined : "not installed: node bench/media/get-peers.mjs",
  formats: ["PCMU", "PCMA", "G722", "iLBC/20"],
  mixes: true,
  async start() {
    // It makes a certificate in the home folder at its first start.
    const server = new NodeServer([program, projectrtpFolder], {
      env: { ...process.env, HOME: projectrtpFolder },
    });
    await server.ask("ready");
    return server;
  },
};
