/**
 * Whatever callers, callees, scripts and the network do in whatever order: the promises of the switch hold. One run is one
 * seed; it can be repeated.
 */
import { ms, seconds } from "../../ts/core/brand.js";
import type { ErrorCode } from "../../ts/core/errors.js";
import { App } from "../../ts/control/app/app.js";
import type { Call } from "../../ts/control/call.js";
import { ProjectControl } from "../../ts/control/projectcontrol.js";
import type { CallDetailRecord } from "../../ts/control/record/call-detail-record.js";
import { CallRecorder } from "../../ts/control/record/call-recorder.js";
import type { SipHealth } from "../../ts/sip/sip-service.js";
import { Phone } from "../../ts/testing/phone.js";
import { header, messageName, readSip, statusOf } from "../../ts/testing/sip-text.js";
import { TestLog } from "../../ts/testing/test-log.js";
import { VirtualSwitch, type NetworkTrouble } from "../../ts/testing/virtual-switch.js";
import { Chance } from "./chance.js";
import { RandomScript } from "./random-script.js";
import { VerbBook } from "./verb-book.js";

const DOMAIN = "example.org";
const USERS = ["1000", "1001", "1002", "1003"];
const NUMBERS = [...USERS, "9999"];
const ACTIONS = 30;
/** Commands that the engine may refuse, and how. */
const FAILURES = [
  ["open", "MEDIA_OUT_OF_PORTS"],
  ["target", "MEDIA_UNAVAILABLE"],
  ["mix", "MEDIA_UNAVAILABLE"],
  ["unmix", "MEDIA_UNAVAILABLE"],
  ["play", "MEDIA_FILE_UNKNOWN"],
  ["record", "MEDIA_UNAVAILABLE"],
] as const satisfies readonly (readonly [string, ErrorCode])[];
/** Between two actions, in milliseconds. */
const LONGEST_PAUSE = 4000;
/** No timer of RFC 3261 is longer than this; the guard of a call that nobody ends is 180 s. */
const AFTERWARDS = seconds(400);

export interface SimulationResult {
  readonly seed: number;
  /** What did not hold; empty when all did. */
  readonly broken: readonly string[];
  readonly ladder: string;
  readonly calls: number;
  readonly messages: number;
  readonly lost: number;
  readonly verbs: number;
  /** What callers, callees and scripts did, how often. */
  readonly did: Readonly<Record<string, number>>;
}

/** Plays one seed. */
export async function simulate(seed: number): Promise<SimulationResult> {
  const simulation = new Simulation(seed);
  await simulation.play();
  return simulation.result();
}

class Simulation {
  readonly #seed: number;
  readonly #log = new TestLog();
  readonly #switch: VirtualSwitch;
  readonly #chance: Chance;
  readonly #phones: Phone[] = [];
  readonly #verbs = new VerbBook();
  readonly #ended = new Map<Call, number>();
  readonly #broken: string[] = [];
  readonly #control: ProjectControl;
  readonly #app: App;
  readonly #records: CallDetailRecord[] = [];
  readonly #recorder: CallRecorder;
  /** What phones wait for. */
  readonly #waiting = new Set<{ readonly isDone: () => boolean; readonly done: () => void }>();
  #isOver = false;

  constructor(seed: number) {
    this.#seed = seed;
    this.#switch = new VirtualSwitch({ seed, log: this.#log });
    this.#chance = new Chance(this.#switch.random.fork("simulation"));
    const { controller, clock, random } = this.#switch;
    this.#recorder = new CallRecorder({ controller, clock, random: random.fork("records"), log: this.#log });
    this.#recorder.add((record) => {
      this.#records.push(record);
    });
    controller.watchers.add(({ call, event }) => {
      if (event.type === "new") this.#ended.set(call, 0);
      if (event.type === "ended") this.#ended.set(call, (this.#ended.get(call) ?? 0) + 1);
    });
    this.#control = new ProjectControl({
      log: this.#log,
      connect: () => Promise.resolve({ controller, close: () => Promise.resolve() }),
    });
    this.#app = new App({ control: this.#control });
    const script = new RandomScript({
      chance: this.#chance,
      verbs: this.#verbs,
      clock,
      numbers: NUMBERS,
      isOver: () => this.#isOver,
    });
    if (this.#isOfSeedFace) this.#control.onnewcall = (call) => script.takeAsSeed(call);
    else this.#app.oncall((call) => script.takeAsApp(call));
  }

  /** Every other seed is for one of the two faces. */
  get #isOfSeedFace(): boolean {
    return this.#seed % 2 === 0;
  }

  async play(): Promise<void> {
    await this.#control.directory(
      DOMAIN,
      USERS.map((username) => ({ username, secret: `secret of ${username}` })),
    );
    await this.#app.run();
    for (const agent of USERS.slice(0, 2)) this.#app.queue("support").login(agent);
    for (const user of USERS) {
      const phone = this.#newPhone(user);
      this.#phones.push(phone);
      const registered = phone.register();
      await this.#pass(1000);
      await registered;
    }
    await this.#pass(AFTERWARDS);
    const rest = await this.#health();
    this.#switch.setTrouble(this.#trouble());
    for (let action = 0; action < ACTIONS; action++) {
      this.#act();
      // Sometimes the next thing happens at the same moment.
      const pause = this.#chance.happens(0.2) ? 0 : this.#chance.below(LONGEST_PAUSE);
      await this.#pass(pause);
    }
    this.#isOver = true;
    this.#app.queue("support").close();
    // What is on its way arrives, and a child that was refused may have a last follower.
    for (let round = 0; round < 5; round++) {
      for (const phone of this.#phones) phone.hangupAll();
      await this.#pass(40_000);
    }
    await this.#pass(AFTERWARDS);
    this.#switch.setTrouble({});
    for (const phone of this.#phones) {
      const registered = phone.register();
      await this.#pass(1000);
      await registered;
    }
    await this.#pass(60_000);
    this.#check(rest, await this.#health());
    for (const phone of this.#phones) phone.close();
  }

  async #health(): Promise<Partial<SipHealth>> {
    const { calls, dialogs, transactions, timers, bindings, eventsWaiting, eventsLost } =
      await this.#switch.sip.execute({ type: "health" });
    return { calls, dialogs, transactions, timers, bindings, eventsWaiting, eventsLost };
  }

  result(): SimulationResult {
    const { log } = this.#switch.network;
    return {
      seed: this.#seed,
      broken: this.#broken,
      ladder: this.#broken.length === 0 ? "" : this.#switch.ladder(this.#broken.join("; ")),
      calls: this.#ended.size,
      messages: log.length,
      lost: log.filter(({ fate }) => fate === "lost").length,
      verbs: this.#verbs.size,
      did: this.#chance.did,
    };
  }

  // The promises.

  #check(before: Partial<SipHealth>, after: Partial<SipHealth>): void {
    const { controller, media } = this.#switch;
    for (const [call, count] of this.#ended) {
      if (count !== 1) this.#broken.push(`call ${call.callid} has ended ${String(count)} times`);
    }
    for (const name of this.#verbs.waiting) this.#broken.push(`${name} never settled`);
    if (controller.calls.size > 0) this.#broken.push(`${String(controller.calls.size)} calls are left`);
    if (controller.channels.size > 0)
      this.#broken.push(`${String(controller.channels.size)} channels are left`);
    if (media.channels.size > 0) this.#broken.push(`the engine has ${String(media.channels.size)} channels`);
    const [rest, now] = [JSON.stringify(before), JSON.stringify(after)];
    if (rest !== now) this.#broken.push(`SIP is not where it was: ${rest}, now ${now}`);
    for (const { user, transactions, calls } of this.#phones) {
      if (transactions > 0) this.#broken.push(`${user} has ${String(transactions)} transactions`);
      for (const { state, callId } of calls) {
        if (state !== "ended") this.#broken.push(`${user} is still ${state} in ${callId}`);
      }
    }
    for (const { text, fields } of this.#log.lines) {
      if (/fault|threw/.test(text)) this.#broken.push(`${text}: ${String(fields["err"])}`);
    }
    this.#checkFinals();
    this.#checkRecords();
  }

  /** One record for each call, and each leg in one of them. */
  #checkRecords(): void {
    if (this.#recorder.open > 0) this.#broken.push(`${String(this.#recorder.open)} records are not written`);
    const written = this.#records.filter(({ continues }) => continues === undefined).map(({ id }) => id);
    const calls = new Set([...this.#ended.keys()].map(({ record }) => record));
    if (written.length !== new Set(written).size) this.#broken.push("a call has two records");
    for (const id of calls) if (!written.includes(id)) this.#broken.push(`call ${id} has no record`);
    const legs = this.#records.flatMap((record) => record.legs.map(({ callid }) => callid));
    for (const { callid } of this.#ended.keys()) {
      const count = legs.filter((leg) => leg === callid).length;
      if (count !== 1) this.#broken.push(`leg ${callid} is in ${String(count)} records`);
    }
  }

  /** Each INVITE transaction of a phone gets one final response, and only one. */
  #checkFinals(): void {
    const finals = new Map<string, Set<number>>();
    const { log } = this.#switch.network;
    const ours = this.#switch.address.address;
    for (const { from, octets } of log) {
      const text = readSip(octets);
      if (!/\bINVITE$/.test(header(text, "cseq") ?? "")) continue;
      const branch = /branch=([^;\s]+)/.exec(header(text, "via") ?? "")?.[1] ?? "";
      const isFromUs = from.address === ours;
      if (messageName(text) === "INVITE" && !isFromUs) {
        if (!finals.has(branch)) finals.set(branch, new Set());
      }
      const status = statusOf(text);
      if (isFromUs && status !== undefined && status >= 200) finals.get(branch)?.add(status);
    }
    for (const [branch, statuses] of finals) {
      if (statuses.size !== 1) {
        this.#broken.push(`INVITE ${branch} had the final responses ${[...statuses].join(", ") || "none"}`);
      }
    }
  }

  // The network, the phones and who uses them.

  #trouble(): NetworkTrouble {
    const chance = this.#chance;
    if (chance.happens(0.25)) return {};
    return {
      loss: chance.share(0.2),
      duplicate: chance.share(0.2),
      reorder: chance.share(0.2),
      delay: chance.below(100),
      jitter: chance.below(100),
      heldBack: chance.below(800),
    };
  }

  #newPhone(user: string): Phone {
    const { network, clock, random, field, address } = this.#switch;
    return new Phone({
      user,
      secret: `secret of ${user}`,
      domain: DOMAIN,
      codecs: ["pcma", "pcmu", "2833"],
      local: this.#switch.newAddress(user),
      switch: address,
      network,
      clock,
      field,
      random: random.fork(user),
      until: (isDone) =>
        new Promise((done) => {
          if (isDone()) done();
          else this.#waiting.add({ isDone, done });
        }),
    });
  }

  #act(): void {
    const phone = this.#chance.pick(this.#phones);
    const { current } = phone;
    const state = current?.state ?? "idle";
    const other = this.#chance.pick(NUMBERS);
    const acts: Record<string, () => void> = { call: () => void phone.call(other) };
    if (state === "calling") acts["cancel"] = () => phone.hangup();
    if (phone.calls.some((call) => call.state === "incoming")) {
      acts["answer"] = acts["answer soon"] = () => phone.answer();
      acts["refuse"] = () => phone.reject(this.#chance.pick([486, 603, 480, 500]));
    }
    if (state === "talking") {
      acts["hang up"] = () => phone.hangup();
      acts["hold"] = () => phone.hold();
      acts["take back"] = () => phone.unhold();
      acts["press"] = () => phone.press(this.#chance.pick(["1", "23", "*#"]));
      acts["press by INFO"] = () => phone.pressByInfo("5");
      acts["write"] = () => phone.message("hello");
      acts["speak"] = () => phone.speaks(440);
      acts["transfer"] = () => phone.transfer(other);
      const second = phone.calls.find((call) => call !== current && call.state === "talking");
      if (second !== undefined) {
        acts["transfer to the other call"] = () => phone.transfer(second);
        acts["choose the other call"] = () => phone.choose(second);
      }
    }
    if (this.#chance.happens(0.1)) this.#chance.act(this.#mishaps(phone));
    else this.#chance.act(acts);
  }

  /** What seldom happens, and to anybody. */
  #mishaps(phone: Phone): Record<string, () => void> {
    const { media } = this.#switch;
    const [failing, code] = this.#chance.pick(FAILURES);
    const channels = [...media.channels.keys()];
    return {
      "the engine refuses something": () => media.failNext(failing, code),
      "the engine closes a channel": () => {
        if (channels.length > 0) void media.closes(this.#chance.pick(channels), "idle-timeout");
      },
      "a phone unregisters": () => void phone.unregister().catch(() => undefined),
      "a phone registers": () => void phone.register().catch(() => undefined),
    };
  }

  /** Lets time pass, sounds and recordings with it. */
  async #pass(millis: number): Promise<void> {
    const { clock, field } = this.#switch;
    const end = ms(clock.now() + millis);
    do {
      await clock.step(end);
      field.update();
      for (const waiter of this.#waiting) {
        if (!waiter.isDone()) continue;
        this.#waiting.delete(waiter);
        waiter.done();
      }
    } while (clock.now() < end);
  }
}
