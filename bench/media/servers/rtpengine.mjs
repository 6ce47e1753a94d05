import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { decode, encode } from "./bencode.mjs";
import { SERVER_CPU, end, pinned, residentOctets } from "./child.mjs";

const NG_PORT = 2223;

const rtpmaps = { PCMU: "PCMU/8000", PCMA: "PCMA/8000", G722: "G722/8000" };

const description = ({ far, format, payloadType }) =>
  [
    "v=0",
    `o=- 1 1 IN IP4 ${far.address}`,
    "s=-",
    `c=IN IP4 ${far.address}`,
    "t=0 0",
    `m=audio ${String(far.port)} RTP/AVP ${String(payloadType)}`,
    `a=rtpmap:${String(payloadType)} ${rtpmaps[format]}`,
    "a=sendrecv",
    "a=ptime:20",
    "",
  ].join("\r\n");

const placeIn = (sdp) => ({
  address: /^c=IN IP4 (\S+)/m.exec(sdp)[1],
  port: Number(/^m=audio (\d+)/m.exec(sdp)[1]),
});

class Rtpengine {
  #child;
  #socket = createSocket("udp4");
  #waiting = new Map();
  #lastCookie = 0;

  constructor() {
    const args = [
      "--foreground",
      "--table=-1",
      "--interface=127.0.0.1",
      `--listen-ng=127.0.0.1:${String(NG_PORT)}`,
    ];
    args.push("--port-min=10000", "--port-max=29998", "--log-level=2", "--log-stderr", "--num-threads=1");
    this.#child = pinned(SERVER_CPU, "rtpengine", [...args, "--config-file=none"], { stdio: "ignore" });
    this.#socket.on("message", (octets) => {
      const text = octets.toString("latin1");
      const space = text.indexOf(" ");
      this.#waiting.get(text.slice(0, space))?.(decode(text.slice(space + 1)));
    });
  }

  get pid() {
    return this.#child.pid;
  }

  async ask(command, details = {}) {
    const cookie = String(++this.#lastCookie);
    const answered = new Promise((resolve) => this.#waiting.set(cookie, resolve));
    const message = `${cookie} ${encode({ command, ...details })}`;
    for (let attempt = 0; attempt < 20; attempt += 1) {
      this.#socket.send(message, NG_PORT, "127.0.0.1");
      const answer = await Promise.race([answered, wait(250)]);
      if (answer === undefined) continue;
      this.#waiting.delete(cookie);
      if (answer.result === "error") throw new Error(`rtpengine: ${answer["error-reason"]}`);
      return answer;
    }
    throw new Error("rtpengine does not answer");
  }

  /** Legs of one group are two, one after the other: one offers, the other answers. */
  async open(legs) {
    const places = [];
    for (let i = 0; i + 1 < legs.length; i += 2) {
      const [caller, callee] = [legs[i], legs[i + 1]];
      const call = { "call-id": `bench-${String(i)}`, "from-tag": "a" };
      const common = { ...call, replace: ["origin"], ICE: "remove", "rtcp-mux": ["demux"] };
      const codec = caller.format === callee.format ? {} : { codec: { transcode: [callee.format] } };
      const offer = await this.ask("offer", { ...common, ...codec, sdp: description(caller) });
      const answer = await this.ask("answer", { ...common, "to-tag": "b", sdp: description(callee) });
      places.push(placeIn(answer.sdp), placeIn(offer.sdp));
    }
    return places;
  }

  memory() {
    return Promise.resolve(residentOctets(this.pid));
  }

  async stop() {
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await Promise.all([closed, end(this.#child)]);
  }
}

export const rtpengine = {
  name: "rtpengine",
  missing: () =>
    spawnSync("rtpengine", ["--version"]).error === undefined
      ? undefined
      : "not installed: apt-get install rtpengine-daemon",
  formats: ["PCMU", "PCMA", "G722"],
  mixes: false,
  async start() {
    const server = new Rtpengine();
    await server.ask("ping");
    return server;
  },
};
