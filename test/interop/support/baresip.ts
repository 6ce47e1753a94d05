/** A real phone: baresip (https://github.com/baresip/baresip) with a sound file as microphone, recording what it hears. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Test } from "tap";
import { eventually } from "./eventually.js";
import { LOOPBACK, freePorts } from "./ports.js";
import { startProcess, type RunningProcess } from "./process.js";
import { readWav } from "./wav.js";

export interface PhoneOptions {
  /** A folder of its own that this phone may fill. */
  readonly folder: string;
  readonly user: string;
  readonly domain: string;
  /** The only audio format it offers and takes. */
  readonly codec: "pcmu" | "pcma";
  /** A WAV at 8 kHz, played from the start of each call. */
  readonly microphone: string;
  /** Absent: a phone that neither registers nor uses a proxy. */
  readonly account?: {
    readonly secret: string;
    readonly proxyPort: number;
    /** How it reaches its proxy; UDP unless given. */
    readonly transport?: "udp" | "tcp" | "tls";
  };
  /** PEM file with the authorities that it trusts in TLS. */
  readonly authorities?: string;
  /** Takes calls by itself; otherwise they ring. */
  readonly answers: boolean;
}

/** baresip's control protocol: what it tells (`ctrl_tcp` module). */
export interface PhoneEvent {
  readonly type?: string;
  readonly param?: string;
}

export interface Phone {
  readonly process: RunningProcess;
  readonly sipPort: number;
  dial(uri: string): void;
  hangUp(): void;
  /** All events so far. */
  events(): readonly PhoneEvent[];
  /** Waits for an event of this type. */
  told(type: string, withinMillis: number): Promise<PhoneEvent>;
  /** Everything heard: the decoded audio of its last call. Whole only once the phone has quit. */
  heard(): Int16Array;
  /** De-registers and ends. */
  quit(): Promise<void>;
}

const MODULES = "/usr/lib/baresip/modules";
const RTP_PORTS = 20;

async function configure(options: PhoneOptions): Promise<{ sipPort: number; controlPort: number }> {
  const { folder, user, domain, codec, account, answers } = options;
  // It listens for TLS on the port after the SIP one.
  const sipPort = await freePorts(2);
  const controlPort = await freePorts();
  const rtpPort = await freePorts(RTP_PORTS);
  mkdirSync(folder, { recursive: true });
  const config = [
    `sip_listen ${LOOPBACK}:${String(sipPort)}`,
    `net_interface ${LOOPBACK}`,
    `audio_source aufile,${options.microphone}`,
    "audio_buffer 20-160",
    `rtp_ports ${String(rtpPort)}-${String(rtpPort + RTP_PORTS - 1)}`,
    "jitter_buffer_delay 2-10",
    `module_path ${MODULES}`,
    "module g711.so",
    "module aufile.so",
    "module sndfile.so",
    "module ctrl_tcp.so",
    "module_tmp account.so",
    "module_app menu.so",
    `ctrl_tcp_listen ${LOOPBACK}:${String(controlPort)}`,
    `snd_path ${folder}`,
    ...(options.authorities === undefined ? [] : [`sip_cafile ${options.authorities}`]),
  ];
  const parameters = [`audio_codecs=${codec}`, `answermode=${answers ? "auto" : "manual"}`];
  if (account === undefined) parameters.push("regint=0");
  else {
    parameters.push("regint=600", `auth_user=${user}`, `auth_pass=${account.secret}`);
    const transport = account.transport === undefined ? "" : `;transport=${account.transport}`;
    parameters.push(`outbound="sip:${LOOPBACK}:${String(account.proxyPort)}${transport}"`);
  }
  writeFileSync(join(folder, "config"), `${config.join("\n")}\n`);
  writeFileSync(join(folder, "accounts"), `<sip:${user}@${domain}>;${parameters.join(";")}\n`);
  writeFileSync(join(folder, "contacts"), "");
  return { sipPort, controlPort };
}

/** Splits a stream of netstrings (`12:hello world!,`) into their contents. */
function netstrings(take: (content: string) => void): (octets: Buffer) => void {
  let waiting = Buffer.alloc(0);
  return (octets) => {
    waiting = Buffer.concat([waiting, octets]);
    for (;;) {
      const colon = waiting.indexOf(":");
      if (colon < 0) return;
      const length = Number(waiting.toString("latin1", 0, colon));
      if (waiting.length < colon + 1 + length + 1) return;
      take(waiting.toString("utf8", colon + 1, colon + 1 + length));
      waiting = waiting.subarray(colon + 1 + length + 1);
    }
  };
}

async function connectTo(port: number): Promise<Socket> {
  const attempt = (): Promise<Socket | undefined> =>
    new Promise((resolve) => {
      const socket = connect(port, LOOPBACK, () => resolve(socket));
      socket.on("error", () => resolve(undefined));
    });
  const socket = await eventually(60_000, attempt, (opened) => opened !== undefined);
  if (socket === undefined) throw new Error("baresip does not listen to commands");
  return socket;
}

/** Starts a phone; where it has an account, it is registered when this resolves. */
export async function startPhone(t: Test, options: PhoneOptions): Promise<Phone> {
  const { sipPort, controlPort } = await configure(options);
  const running = startProcess(t, "baresip", ["-f", options.folder, "-v"]);
  await running.printed(/baresip is ready/, 60_000);
  const control = await connectTo(controlPort);
  t.teardown(() => control.destroy());

  const events: PhoneEvent[] = [];
  control.on(
    "data",
    netstrings((content) => events.push(JSON.parse(content) as PhoneEvent)),
  );
  const command = (name: string, params = ""): void => {
    const content = JSON.stringify({ command: name, params, token: name });
    control.write(`${String(Buffer.byteLength(content))}:${content},`);
  };
  const told = async (type: string, withinMillis: number): Promise<PhoneEvent> => {
    const find = (): PhoneEvent | undefined => events.find((event) => event.type === type);
    const event = await eventually(withinMillis, find, (found) => found !== undefined);
    if (event !== undefined) return event;
    throw new Error(
      `${options.user}'s phone told no ${type}, but ${JSON.stringify(events)}\n${running.output()}`,
    );
  };
  // Registration may be over before the control connection stands, so its printed line is what counts.
  if (options.account !== undefined) await running.printed(/200 OK \(.*\) \[\d+ binding/, 60_000);

  return {
    process: running,
    sipPort,
    dial: (uri) => command("dial", uri),
    hangUp: () => command("hangup"),
    events: () => events,
    told,
    heard: () => {
      const recordings = readdirSync(options.folder).filter((name) => name.endsWith("-dec.wav"));
      const last = recordings.sort().at(-1);
      return last === undefined ? new Int16Array(0) : readWav(join(options.folder, last)).samples;
    },
    quit: async () => {
      command("quit");
      await Promise.race([running.ended, running.printed(/unloading modules/, 10_000)]);
      await running.stop();
    },
  };
}
