/** What goes on during the soak: each scene plays its part until `until`, and gives its verdict. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { EVERY_FAULT, NO_FAULT, type FaultRates } from "./faults.js";
import { begin, end, openLine, type Line, type Stage, type Verdict } from "./scene.js";
import { VOICES, type Voice } from "./voices.js";

export type Scene = (stage: Stage, until: number) => Promise<Verdict>;

const KEY_EVERY = 1500;

/** Keys are pressed on all lines now and then. */
async function talkUntil(stage: Stage, lines: readonly Line[], until: number): Promise<void> {
  begin(stage, lines);
  while (stage.now() < until) {
    await stage.wait(Math.min(KEY_EVERY, until - stage.now()));
    // No new press that could not be finished.
    if (stage.now() + KEY_EVERY < until) for (const { phone } of lines) phone.press();
  }
}

/** Coded sample by sample at 8 kHz: no decoder that would have to take packets in their order. */
const hasNoMemory = ({ format }: Voice): boolean =>
  format === "PCMU" || format === "PCMA" || format === "L16/8000";

/** Two telephones hear each other. */
const bridge =
  (name: string, one: Voice, other: Voice): Scene =>
  async (stage, until) => {
    const isRelayed = one.format === other.format || (hasNoMemory(one) && hasNoMemory(other));
    const treatment = isRelayed ? "relay" : "transcode";
    const lines = [
      await openLine(stage, { voice: one, treatment, rates: EVERY_FAULT }),
      await openLine(stage, { voice: other, treatment, rates: EVERY_FAULT }),
    ] as const;
    await stage.service.execute({ type: "mix", uuid: lines[0].uuid, other: lines[1].uuid });
    await talkUntil(stage, lines, until);
    return end(stage, name, lines);
  };

/** Four telephones of four codecs hear each other. */
const conference: Scene = async (stage, until) => {
  const lines: Line[] = [];
  for (const voice of [VOICES.PCMU, VOICES.PCMA, VOICES.G722, VOICES.iLBC]) {
    lines.push(
      await openLine(stage, { voice, treatment: "hear", rates: EVERY_FAULT, endOfEvents: "consumed" }),
    );
  }
  await joined(stage, lines);
  await talkUntil(stage, lines, until);
  return end(stage, "conference", lines);
};

async function joined(stage: Stage, [first, ...others]: readonly Line[]): Promise<void> {
  for (const { uuid } of others)
    await stage.service.execute({ type: "mix", uuid: first?.uuid ?? "", other: uuid });
}

/** A call that is put on hold and taken back. */
const hold: Scene = async (stage, until) => {
  const rates: FaultRates = { ...NO_FAULT, lost: 10, duplicated: 10 };
  const one = await openLine(stage, { voice: VOICES.PCMU, treatment: "relay", rates });
  const other = await openLine(stage, { voice: VOICES.PCMA, treatment: "relay", rates });
  await stage.service.execute({ type: "mix", uuid: one.uuid, other: other.uuid });
  begin(stage, [one, other]);
  while (stage.now() + 2000 < until) {
    await stage.wait(700);
    await inSilence(stage, [one, other], async () => {
      await stage.service.execute({ type: "direction", uuid: one.uuid, send: false, recv: false });
      one.phone.held = "ReceiveOff";
      other.phone.held = "SendOff";
    });
    await stage.wait(500);
    await inSilence(stage, [one, other], async () => {
      await stage.service.execute({ type: "direction", uuid: one.uuid });
      one.phone.held = other.phone.held = undefined;
    });
  }
  return end(stage, "hold", [one, other]);
};

/** Nothing is under way while `change` is carried out. */
async function inSilence(stage: Stage, lines: readonly Line[], change: () => Promise<void>): Promise<void> {
  for (const { phone } of lines) phone.fallSilent();
  await stage.wait(150);
  await change();
  begin(stage, lines);
}

/** A tone is played for ever; what the telephone says is heard by nobody. */
const play: Scene = async (stage, until) => {
  const line = await openLine(stage, {
    voice: VOICES.PCMA,
    treatment: "ignore",
    rates: EVERY_FAULT,
    endOfEvents: "NotBridged",
  });
  await stage.service.execute({
    type: "play",
    uuid: line.uuid,
    soup: { files: [{ tone: "350+440*0.5:1000" }], loop: true },
  });
  const began = stage.now();
  await talkUntil(stage, [line], until);
  const packets = line.phone.received;
  const isWhole = packets > ((stage.now() - began) / 20) * 0.9;
  const verdict = await end(stage, "play", [line]);
  return isWhole
    ? verdict
    : { ...verdict, faults: [...verdict.faults, `only ${String(packets)} packets were played`] };
};

/** One telephone is recorded. */
const record =
  (folder: string): Scene =>
  async (stage, until) => {
    const file = "soak-record.wav";
    const line = await openLine(stage, {
      voice: VOICES.G722,
      treatment: "hear",
      rates: EVERY_FAULT,
      endOfEvents: "NotBridged",
    });
    await stage.service.execute({ type: "record", uuid: line.uuid, options: { file, numchannels: 1 } });
    await talkUntil(stage, [line], until);
    const verdict = await end(stage, "record", [line]);
    return { ...verdict, faults: [...verdict.faults, ...(await wrongRecording(stage, folder, file))] };
  };

/** A call is recorded: it goes on as it would. */
const recordedBridge =
  (folder: string): Scene =>
  async (stage, until) => {
    const file = "soak-bridge.wav";
    const lines = [
      await openLine(stage, { voice: VOICES.PCMU, treatment: "relay", rates: EVERY_FAULT }),
      await openLine(stage, { voice: VOICES.PCMU, treatment: "relay", rates: EVERY_FAULT }),
    ] as const;
    await stage.service.execute({ type: "mix", uuid: lines[0].uuid, other: lines[1].uuid });
    await stage.service.execute({ type: "record", uuid: lines[0].uuid, options: { file, numchannels: 2 } });
    await talkUntil(stage, lines, until);
    const verdict = await end(stage, "recorded bridge", lines);
    return { ...verdict, faults: [...verdict.faults, ...(await wrongRecording(stage, folder, file))] };
  };

async function wrongRecording(stage: Stage, folder: string, file: string): Promise<string[]> {
  for (let patience = 0; patience < 100; patience += 1) {
    const finished = stage.events.find(
      (event) => event.type === "record" && event.event === "finished" && event.file === file,
    );
    if (finished !== undefined && "filesize" in finished) {
      const { size } = await stat(join(folder, file));
      return size === finished.filesize && size > 16_000
        ? []
        : [`${file} has ${String(size)} octets, ${String(finished.filesize)} were told`];
    }
    await stage.wait(20);
  }
  return [`${file} was never finished`];
}

/** A script listens to one telephone. */
const read: Scene = async (stage, until) => {
  const line = await openLine(stage, {
    voice: VOICES.PCMU,
    treatment: "hear",
    rates: EVERY_FAULT,
    endOfEvents: "NotBridged",
  });
  let octets = 0;
  const reader = stage.service.createReadStream(line.uuid);
  reader.on("data", (chunk: Buffer) => (octets += chunk.length));
  const began = stage.now();
  await talkUntil(stage, [line], until);
  const seconds = (stage.now() - began) / 1000;
  const verdict = await end(stage, "read", [line]);
  const wanted = seconds * 16_000;
  const isWhole = octets > wanted * 0.95 && octets < wanted * 1.05 + 16_000;
  const fault = `${String(octets)} octets were read where ${wanted.toFixed(0)} were expected`;
  return isWhole ? verdict : { ...verdict, faults: [...verdict.faults, fault] };
};

const echo: Scene = async (stage, until) => {
  const line = await openLine(stage, { voice: VOICES.PCMU, treatment: "relay", rates: EVERY_FAULT });
  await stage.service.execute({ type: "echo", uuid: line.uuid, enabled: true });
  await talkUntil(stage, [line], until);
  return end(stage, "echo", [line]);
};

/** The engine presses keys into a bridge: audio of the other side makes way for them. */
const sendKeys: Scene = async (stage, until) => {
  const lines = [
    await openLine(stage, {
      voice: VOICES.PCMU,
      treatment: "relay",
      rates: NO_FAULT,
      open: ["forwarded", "Preempted", "BeforeSource"],
    }),
    await openLine(stage, { voice: VOICES.PCMU, treatment: "relay", rates: NO_FAULT }),
  ] as const;
  await stage.service.execute({ type: "mix", uuid: lines[0].uuid, other: lines[1].uuid });
  begin(stage, lines);
  while (stage.now() + 1000 < until) {
    await stage.wait(600);
    await stage.service.execute({ type: "dtmf", uuid: lines[1].uuid, digits: "5#", duration: 80, pause: 60 });
  }
  return end(stage, "keys of ours", lines);
};

/** Calls that come and go all the time, joined while their media is already under way. */
const churn: Scene = async (stage, until) => {
  const sum = { lines: 0, datagrams: 0, late: 0, faults: [] as string[] };
  const voices = Object.values(VOICES);
  for (let call = 0; stage.now() + 1500 < until; call += 1) {
    const size = 2 + (call % 2);
    const lines: Line[] = [];
    for (let member = 0; member < size; member += 1) {
      const voice = voices[(call + member) % voices.length] ?? VOICES.PCMU;
      const open = [
        "NotBridged",
        "forwarded",
        "consumed",
        "BeforeSource",
        "LateForPlayout",
        "LateForDecoder",
      ];
      lines.push(await openLine(stage, { voice, treatment: "relay", rates: NO_FAULT, open }));
    }
    begin(stage, lines);
    await stage.wait(100);
    await joined(stage, lines);
    await stage.wait(400);
    await stage.service.execute({ type: "unmix", uuid: lines[0]?.uuid ?? "" });
    await stage.wait(100);
    const verdict = await end(stage, "churn", lines);
    sum.lines += verdict.lines;
    sum.datagrams += verdict.datagrams;
    sum.late += verdict.late;
    sum.faults.push(...verdict.faults);
  }
  return { scene: "churn", ...sum };
};

/** All at once. `folder`: where recordings are written. */
export const scenesIn = (folder: string): readonly Scene[] => [
  bridge("PCMU–PCMU", VOICES.PCMU, VOICES.PCMU),
  bridge("PCMU–PCMA", VOICES.PCMU, VOICES.PCMA),
  bridge("PCMU–G722", VOICES.PCMU, VOICES.G722),
  bridge("PCMA–iLBC", VOICES.PCMA, VOICES.iLBC),
  bridge("G722–iLBC", VOICES.G722, VOICES.iLBC),
  bridge("L16–PCMU", VOICES.L16, VOICES.PCMU),
  conference,
  hold,
  play,
  record(folder),
  recordedBridge(folder),
  read,
  echo,
  sendKeys,
  churn,
];
