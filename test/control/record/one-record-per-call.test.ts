/** Whatever happens, each call is written exactly once, and each of its legs stands in exactly one record. */
import t from "tap";
import type { Call } from "../../../ts/control/call.js";
import { seconds } from "../../../ts/core/brand.js";
import type { CallDetailRecord } from "../../../ts/control/record/call-detail-record.js";
import { CallRecorder } from "../../../ts/control/record/call-recorder.js";
import { below, SeededRandom } from "../../support/seeded-random.js";
import { answerTo, Exchange, offerOf } from "../exchange.js";

const SEEDS = 200;
const STEPS = 40;

class Storm {
  readonly exchange: Exchange;
  readonly random: SeededRandom;
  readonly recorder: CallRecorder;
  readonly records: CallDetailRecord[] = [];
  /** Record ids and Call-IDs of all legs there ever were. */
  readonly calls = new Set<string>();
  readonly legs: Call[] = [];

  constructor(exchange: Exchange, seed: number) {
    this.exchange = exchange;
    this.random = new SeededRandom(seed);
    const { controller, clock, log, projectcontrol } = exchange;
    controller.watchers.add(({ call, event }) => {
      if (event.type !== "new") return;
      this.calls.add(call.record);
      this.legs.push(call);
    });
    this.recorder = new CallRecorder({ controller, clock, log, random: new SeededRandom(seed + 1000) });
    this.recorder.add((record) => void this.records.push(record));
    projectcontrol.onnewcall = (call) => this.script(call);
  }

  pick<Choice>(choices: readonly Choice[]): Choice | undefined {
    return choices[below(this.random, choices.length)];
  }

  script(call: Call): unknown {
    const request = { to: { user: "1001" } };
    return this.pick<() => unknown>([
      () => call.ring(),
      () => call.answer(),
      () => call.newcall(request),
      () => call.newcall([request, request]),
      () => call.busy(),
      () => {
        throw new Error("a script's fault");
      },
      () => {
        const child = call.newcall(request);
        child.onhangup = () => call.newcall(request);
      },
      () => {
        call.onhangup = () => call.newcall(request);
        return call.answer();
      },
    ])?.();
  }

  async step(): Promise<void> {
    const { sip, media, controller } = this.exchange;
    const dialog = this.pick(sip.live);
    const call = this.pick([...controller.calls.values()]);
    const channel = this.pick([...media.channels.keys()]);
    const done = this.pick<() => unknown>([
      () => sip.invited({ from: "1000", to: "1001", sdp: offerOf() }),
      ...Array.from({ length: 5 }, () => () => this.#progress(dialog?.info.callid)),
      () => dialog && sip.ends(dialog.info.callid, 486, "Busy Here"),
      () => call?.hangup(),
      () => call?.answer(),
      () => below(this.random, 4) === 0 && media.failNext("open", "MEDIA_OUT_OF_PORTS"),
      () => below(this.random, 4) === 0 && sip.failNext("dialog.invite", "USER_NOT_REGISTERED"),
      () => below(this.random, 4) === 0 && channel !== undefined && media.closes(channel, "idle-timeout"),
      () => controller.newcall({ from: { user: "1", domain: "example.net" }, to: { user: "1002" } }),
    ])?.();
    if (below(this.random, 3) > 0) await done;
    if (below(this.random, 6) === 0) await this.exchange.clock.advance(seconds(below(this.random, 8)));
    if (below(this.random, 2) > 0) await this.exchange.settle();
  }

  async #progress(callid: string | undefined): Promise<void> {
    if (callid === undefined) return;
    const { sip } = this.exchange;
    const { info, pending } = sip.dialog(callid);
    if (pending === "ack") await sip.acks(callid);
    else if (info.originator && !info.answered) await sip.answers(callid, answerTo(info.sdp.us));
  }

  async endAll(): Promise<void> {
    const { sip, clock } = this.exchange;
    // A call that is given up may have the script start another.
    for (let round = 0; round < 100; round++) {
      for (const { info } of sip.live) await sip.ends(info.callid);
      await clock.advance(seconds(sip.live.length === 0 ? 80 : 0));
      if (sip.live.length === 0 && this.exchange.controller.calls.size === 0) return;
    }
  }

  /** What is wrong; nothing should be. */
  faults(): string[] {
    const written = this.records.flatMap(({ legs }) => legs.map(({ callid }) => callid));
    const made = this.legs.map(({ callid }) => callid);
    const first = this.records.filter(({ continues }) => continues === undefined).map(({ id }) => id);
    return [
      ...made.filter((callid) => !written.includes(callid)).map((callid) => `${callid} is in no record`),
      ...written
        .filter((callid, at) => written.indexOf(callid) !== at)
        .map((callid) => `${callid} is in two`),
      ...written.filter((callid) => !made.includes(callid)).map((callid) => `${callid} was never made`),
      ...[...this.calls].filter((id) => !first.includes(id)).map((id) => `no record ${id}`),
      ...first.filter((id, at) => first.indexOf(id) !== at).map((id) => `two records ${id}`),
    ];
  }
}

for (const how of ["when all have ended", "also when the process closes with live calls"] as const) {
  t.test(`exactly one record per call, ${how}`, async (t) => {
    let cutShort = 0;
    let legs = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const storm = new Storm(await Exchange.open(seed), seed);
      for (let step = 0; step < STEPS; step++) await storm.step();
      if (how === "when all have ended") await storm.endAll();
      else await storm.exchange.settle();
      await storm.recorder.close();
      const told = storm.records.length;
      t.same(storm.faults(), [], `seed ${seed}`);
      t.equal(storm.recorder.open, 0);
      await storm.endAll();
      await storm.recorder.close();
      t.equal(storm.records.length, told, "nothing more after closing");
      cutShort += storm.records.filter((record) => record.cutShort).length;
      legs += storm.records.filter((record) => record.legs.length > 1).length;
    }
    t.equal(cutShort > 0, how !== "when all have ended");
    t.ok(legs > SEEDS / 4, `${legs} calls of several legs`);
  });
}
