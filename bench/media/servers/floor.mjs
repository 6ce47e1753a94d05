import { once } from "node:events";
import { SERVER_CPU, end, pinned } from "./child.mjs";
import { programs } from "../build.mjs";

const FIRST_PORT = 10000;

class Floor {
  #child;

  get pid() {
    return this.#child.pid;
  }

  /** Legs of one group are two, one after the other. */
  async open(legs) {
    const args = ["127.0.0.1", String(FIRST_PORT), String(legs.length)];
    this.#child = pinned(SERVER_CPU, programs.floorRelay, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdin.end(legs.map(({ far }) => `${far.address} ${String(far.port)}\n`).join(""));
    const ready = once(this.#child.stdout, "data");
    const ended = once(this.#child, "exit").then(() => Promise.reject(new Error("the floor relay ended")));
    await Promise.race([ready, ended]);
    ended.catch(() => undefined);
    return legs.map((_, index) => ({ address: "127.0.0.1", port: FIRST_PORT + 2 * index }));
  }

  /** Its process begins with its legs: there is nothing to compare with. */
  memory() {
    return Promise.resolve(undefined);
  }

  async stop() {
    if (this.#child !== undefined) await end(this.#child);
  }
}

export const floor = {
  name: "floor",
  missing: () => undefined,
  formats: ["PCMU", "PCMA", "G722", "iLBC/20"],
  mixes: false,
  transcodes: false,
  start: () => Promise.resolve(new Floor()),
};
