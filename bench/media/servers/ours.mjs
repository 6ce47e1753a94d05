import { fileURLToPath } from "node:url";
import { NodeServer } from "./child.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const program = fileURLToPath(new URL("ours-process.ts", import.meta.url));

export const ours = {
  name: "mediaswitch",
  /** Why it can't be measured; undefined when it can. */
  missing: () => undefined,
  formats: ["PCMU", "PCMA", "G722", "iLBC/20"],
  mixes: true,
  async start() {
    const server = new NodeServer(["--import", "tsx", program], { cwd: root });
    await server.ask("ready");
    return server;
  },
};
