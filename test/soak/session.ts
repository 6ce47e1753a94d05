/**
 * A session for valgrind, in which everything that the engine can do is done a few times over: channels are opened, aimed,
 * joined, played to, recorded, listened to and closed, with media under way all the time.
 *
 *   node --import tsx test/soak/session.ts [rounds]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { NativeMediaService } from "../../ts/rtp/native-media-service.js";
import { SeededRandom } from "../support/seeded-random.js";
import { EVERY_FAULT } from "./faults.js";
import { Phone } from "./phone.js";
import { VOICES, type Voice } from "./voices.js";

const ROUNDS = 20;
const TALK_MILLIS = 300;
const TURN_MILLIS = 20;

interface Call {
  readonly uuid: string;
  readonly phone: Phone;
  readonly port: number;
}

const rounds = Number(process.argv[2] ?? ROUNDS);
const folder = await mkdtemp(join(tmpdir(), "mediaswitch-session-"));
const random = new SeededRandom(1);
const phones = new Set<Phone>();
/** Milliseconds of the telephones' own time: it goes on as fast as this machine, under valgrind, can follow. */
let time = 0;
const turns = setInterval(() => {
  time += TURN_MILLIS;
  for (const phone of phones) phone.tick(time);
}, TURN_MILLIS);

let opened = 0;
let datagrams = 0;

async function open(service: NativeMediaService, voice: Voice): Promise<Call> {
  opened += 1;
  const chance = random.fork(`phone ${String(opened)}`);
  const phone = await Phone.open({ voice, treatment: "relay", rates: EVERY_FAULT, random: chance });
  const { uuid, port } = await service.execute({ type: "open" });
  const { format, payloadType } = voice;
  const remote = { ...phone.address, formats: [{ format, payloadType }], telephoneEvent: 101 };
  await service.execute({ type: "target", uuid, remote });
  phones.add(phone);
  phone.talk(port, time);
  return { uuid, phone, port };
}

async function group(service: NativeMediaService, voices: readonly Voice[]): Promise<Call[]> {
  const calls = await Promise.all(voices.map((voice) => open(service, voice)));
  const [first, ...others] = calls;
  for (const { uuid } of others) await service.execute({ type: "mix", uuid: first?.uuid ?? "", other: uuid });
  return calls;
}

async function alone(
  service: NativeMediaService,
  voice: Voice,
  doSomething: (uuid: string) => Promise<unknown>,
): Promise<Call[]> {
  const call = await open(service, voice);
  await doSomething(call.uuid);
  return [call];
}

async function round(service: NativeMediaService, number: number): Promise<void> {
  const { PCMU, PCMA, G722, iLBC, L16 } = VOICES;
  const file = `session-${String(number)}.wav`;
  const tone = { files: [{ tone: "350+440*0.5:100" }], loop: true };
  const calls = (
    await Promise.all([
      group(service, [PCMU, PCMA]),
      group(service, [PCMU, G722]),
      group(service, [PCMA, iLBC]),
      group(service, [G722, L16]),
      group(service, [PCMU, PCMA, G722, iLBC]),
      alone(service, PCMU, (uuid) => service.execute({ type: "play", uuid, soup: tone })),
      alone(service, G722, (uuid) => service.execute({ type: "record", uuid, options: { file } })),
      alone(service, PCMU, (uuid) => service.execute({ type: "echo", uuid, enabled: true })),
      alone(service, PCMU, (uuid) => service.execute({ type: "detect", uuid, inband: true })),
      alone(service, PCMA, (uuid) => Promise.resolve(service.createReadStream(uuid).resume())),
      alone(service, PCMA, (uuid) => {
        service.createWriteStream(uuid).end(Buffer.alloc(3200));
        return Promise.resolve();
      }),
    ])
  ).flat();
  await wait(TALK_MILLIS);
  for (const { phone } of calls) phone.press();
  const [first, second] = calls;
  if (first === undefined || second === undefined) throw new Error("there are no calls");
  await service.execute({ type: "dtmf", uuid: first.uuid, digits: "12" });
  await service.execute({ type: "direction", uuid: second.uuid, send: false });
  await service.execute({ type: "statistics", uuid: second.uuid });
  await wait(TALK_MILLIS);
  await service.execute({ type: "unmix", uuid: first.uuid });
  for (const { uuid, phone } of calls) {
    phone.fallSilent();
    phones.delete(phone);
    datagrams += phone.sent;
    await service.execute({ type: "close", uuid });
    await phone.close();
  }
}

const service = await NativeMediaService.start({
  bind: "127.0.0.1",
  ports: { low: 31_000, high: 31_999 },
  shards: 2,
  recordingsRoot: folder,
  random,
});
for (let number = 0; number < rounds; number += 1) await round(service, number);
// What is open when the engine ends has to be given back too.
await group(service, [VOICES.PCMU, VOICES.G722, VOICES.iLBC]);
await wait(TALK_MILLIS);
await service.close();
clearInterval(turns);
await Promise.all([...phones].map((phone) => phone.close()));
await rm(folder, { recursive: true });
console.log(`${String(opened)} channels were opened, ${String(datagrams)} datagrams sent`);
