import type { NativeMediaService } from "../../ts/rtp/native-media-service.js";
import type { ChannelStatistics, MediaEvent, RemoteMedia } from "../../ts/rtp/media-service.js";
import type { SeededRandom } from "../support/seeded-random.js";
import { faultsIn, lateOfThemselves } from "./books.js";
import type { End, FaultRates, Treatment } from "./faults.js";
import { Phone } from "./phone.js";
import type { Voice } from "./voices.js";

/** What all scenes share. */
export interface Stage {
  readonly service: NativeMediaService;
  /** Chance for the next phone: another for each. */
  readonly chance: () => SeededRandom;
  /** All phones that are to be given their turn. */
  readonly phones: Set<Phone>;
  readonly now: () => number;
  readonly wait: (millis: number) => Promise<void>;
  /** Whose `closed` event came, with its books. */
  readonly closed: Map<string, ChannelStatistics>;
  readonly events: MediaEvent[];
}

/** A telephone with the channel it talks to. */
export interface Line {
  readonly uuid: string;
  readonly port: number;
  readonly phone: Phone;
  readonly open?: ReadonlySet<End>;
}

export interface LineOptions {
  readonly voice: Voice;
  readonly treatment: Treatment;
  readonly rates: FaultRates;
  readonly endOfEvents?: End;
  readonly open?: readonly End[];
}

export interface Verdict {
  readonly scene: string;
  readonly lines: number;
  readonly datagrams: number;
  /** Good packets that a jitter buffer found too late: by the rule of its delay, one in a hundred may be. */
  readonly late: number;
  readonly faults: readonly string[];
}

export async function openLine(
  { service, chance, phones }: Stage,
  { voice, treatment, rates, endOfEvents = "forwarded", open }: LineOptions,
): Promise<Line> {
  const phone = await Phone.open({
    voice,
    treatment,
    rates,
    random: chance(),
  });
  phone.endOfEvents = endOfEvents;
  const { format, payloadType } = voice;
  const remote: RemoteMedia = { ...phone.address, formats: [{ format, payloadType }], telephoneEvent: 101 };
  const { uuid, port } = await service.execute({ type: "open", remote });
  phones.add(phone);
  return { uuid, port, phone, ...(open === undefined ? {} : { open: new Set(open) }) };
}

/** Every phone begins to talk. */
export function begin(stage: Stage, lines: readonly Line[]): void {
  for (const { phone, port } of lines) phone.talk(port, stage.now());
}

/** How long what was sent may be under way. */
const SETTLE_MILLIS = 250;

/** Silences the lines, closes them, and compares their books. */
export async function end(stage: Stage, scene: string, lines: readonly Line[]): Promise<Verdict> {
  for (const { phone } of lines) phone.fallSilent();
  await stage.wait(SETTLE_MILLIS);
  const faults: string[] = [];
  let datagrams = 0;
  let late = 0;
  for (const { uuid, phone, open } of lines) {
    await stage.service.execute({ type: "close", uuid });
    await stage.wait(0);
    if (!stage.closed.has(uuid)) {
      faults.push(`${phone.voice.format}: its end was not told before the reply`);
      await stage.wait(1000);
    }
    stage.phones.delete(phone);
    const statistics = stage.closed.get(uuid);
    datagrams += phone.sent;
    if (statistics === undefined) {
      faults.push(`${phone.voice.format}: closed without an event`);
      continue;
    }
    const sent = {
      datagrams: phone.sent,
      ends: phone.ends,
      latestMillis: phone.latest,
      ...(open === undefined ? {} : { open }),
    };
    late += lateOfThemselves(statistics, sent);
    faults.push(...faultsIn(statistics, sent).map((fault) => `${phone.voice.format}: ${fault}`));
    faults.push(...(await unheard(stage, phone, statistics)));
    faults.push(...wrongKeys(stage, uuid, phone));
    stage.closed.delete(uuid);
    await phone.close();
  }
  return { scene, lines: lines.length, datagrams, late, faults };
}

/** What the channel sent has to have reached its telephone. */
async function unheard(stage: Stage, phone: Phone, { sent }: ChannelStatistics): Promise<string[]> {
  for (let patience = 0; patience < 20 && phone.received < sent.packets; patience += 1) await stage.wait(10);
  if (phone.received === sent.packets) return [];
  return [
    `${phone.voice.format}: the channel sent ${String(sent.packets)}, ${String(phone.received)} arrived`,
  ];
}

/** Each key that was pressed is told once, in its order, and so is its end. */
function wrongKeys(stage: Stage, uuid: string, phone: Phone): string[] {
  const of = (type: MediaEvent["type"]): string =>
    stage.events
      .filter((event) => event.uuid === uuid && event.type === type)
      .map((event) => ("event" in event ? event.event : ""))
      .join("");
  const faults: string[] = [];
  if (of("telephone-event") !== phone.pressed)
    faults.push(`keys ${phone.pressed} were pressed, ${of("telephone-event")} told`);
  if (of("telephone-event-end") !== phone.pressed)
    faults.push(`keys ${phone.pressed} were let go, ${of("telephone-event-end")} told`);
  return faults.map((fault) => `${phone.voice.format}: ${fault}`);
}
