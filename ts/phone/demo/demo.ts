import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { MediaswitchError } from "../../core/errors.js";
import { silentLog, type Log } from "../../core/log.js";
import { fraction, hexToken } from "../../core/random.js";
import { formatSocketAddress } from "../../core/socket-address.js";
import { SystemClock } from "../../core/system-clock.js";
import { systemRandom } from "../../core/system-random.js";
import { startAllInOne, type RunningAllInOne } from "../../mediaswitch.js";
import { answerCalls } from "../answer-calls.js";
import { freePorts } from "../free-ports.js";
import { openPhone, openPhoneMedia, type Opened } from "../open-phone.js";
import type { PhoneLeg } from "../phone-leg.js";
import type { PhoneMedia } from "../phone-media.js";
import type { Phone } from "../phone.js";
import { reachServer } from "../reach-server.js";
import { converse, type Speaker } from "./conversation.js";
import {
  clearDemoPlan,
  connectedTo,
  DEMO_PHONES,
  GUEST_USERS,
  JOINED,
  ROOM,
  writeDemoPlan,
  type DemoPhone,
} from "./demo-plan.js";
import { codecTitle, legOf, type DemoAccount, type DemoLeg, type DemoReport } from "./demo-report.js";
import { DemoSteps, type DemoProgress } from "./demo-steps.js";

export interface DemoOptions {
  /** That is there, for the recordings. */
  readonly folder: string;
  readonly sipAddress: string;
  /** 0: a free one. */
  readonly sipPort: number;
  /** Of control's HTTP, with the operator's page; 0: a free one. */
  readonly controlHttpPort: number;
  readonly progress: (progress: DemoProgress) => void;
  readonly signal?: AbortSignal;
  readonly log?: Log;
  readonly logLevel?: string;
  /** As of `mediaswitch start`. */
  readonly scriptThread?: "own" | "shared";
}

const HTTP_ADDRESS = "127.0.0.1";
const DOMAIN = "demo.mediaswitch.invalid";
const DIGITS = ["1", "2", "3"] as const;
/** Ports for the switch's audio: a call of two takes four, and those of a call that is over rest for a while. */
const MEDIA_PORTS = 200;
/** Milliseconds after which a look is taken again at what tells nothing by itself. */
const LOOK_AGAIN = 40;
/** Milliseconds that the switch gets to forget calls that are over. */
const TIDY_WITHIN = 10_000;

type Party = DemoPhone & { readonly phone: Phone };

/** The demo: a switch with a script of its own, and three phones that do with it what people do. */
export class Demo {
  readonly #options: DemoOptions;
  readonly #steps: DemoSteps;
  /** The demo's own phones, and what phones of whoever is looking on may register as. */
  readonly accounts: readonly [DemoAccount, DemoAccount, DemoAccount];
  readonly guests: readonly DemoAccount[];
  readonly #pin = String(100 + Math.floor(900 * fraction(systemRandom)));
  readonly #legs: DemoLeg[] = [];
  readonly #opened: (() => Promise<void>)[] = [];
  #phones: readonly Phone[] = [];
  #recordings: readonly string[] = [];
  #running: RunningAllInOne | undefined;
  #page: string | undefined;

  constructor(options: DemoOptions) {
    this.#options = options;
    this.#steps = new DemoSteps(options.progress, options.signal);
    const [anna, ben, carla] = DEMO_PHONES;
    this.accounts = [accountOf(anna), accountOf(ben), accountOf(carla)];
    this.guests = GUEST_USERS.map((user) => accountOf({ name: "you", user }));
  }

  /** Settles when a part of the switch has ended that the rest can't do without; never otherwise. */
  get failed(): Promise<MediaswitchError> {
    return this.#running?.failed ?? new Promise<MediaswitchError>(() => undefined);
  }

  /** Never rejects but for what no step is to blame for; the switch keeps running until `close`. */
  async run(): Promise<DemoReport> {
    let isDone = false;
    try {
      await this.#play();
      isDone = true;
    } catch (error) {
      // The step that failed says so in the report.
      if (this.#steps.done.at(-1)?.ok !== false) throw error;
    }
    return this.#report(isDone);
  }

  /** From now on its phones answer whoever calls, and say back what they hear. */
  answer(signal: AbortSignal): void {
    for (const phone of this.#phones) void answerCalls(phone, { signal });
  }

  /** Ends phones and switch. */
  async close(): Promise<void> {
    for (const close of this.#opened.splice(0).reverse()) await close();
  }

  async #play(): Promise<void> {
    const { folder } = this.#options;
    await this.#steps.run("The switch starts, with a call script of its own", () => this.#startSwitch());
    const parties = await this.#openPhones();
    this.#phones = parties.map(({ phone }) => phone);
    const [anna, ben, carla] = parties;

    const call = await this.#call(anna, ben);
    await this.#talk("call", [
      [anna, call.caller],
      [ben, call.callee],
    ]);
    await this.#steps.run(`${anna.name} presses ${DIGITS.join(" ")}, and ${ben.name} gets it`, async () => {
      await call.caller.press(DIGITS.join(""));
      await call.callee.hearsKeys(DIGITS.join(""), this.#waiting);
    });

    const transferred = await this.#transfer(call, { anna, ben, carla });
    await this.#talk("transferred", [
      [anna, call.caller],
      [carla, transferred],
    ]);
    await this.#steps.run(`${carla.name} hangs up`, async () => {
      await transferred.hangup(this.#waiting);
      await call.caller.ended(this.#waiting);
    });

    const members = await this.#meet(parties);
    await this.#talk("conference", members);
    await this.#steps.run("All hang up, and nothing is left over in the switch", async () => {
      await Promise.all(members.map(([, leg]) => leg.hangup(this.#waiting)));
      await this.#tidy();
    });
    this.#recordings = (await readdir(folder)).sort().map((file) => join(folder, file));
  }

  get #waiting(): { readonly signal?: AbortSignal } {
    const { signal } = this.#options;
    return signal === undefined ? {} : { signal };
  }

  async #startSwitch(): Promise<void> {
    const {
      folder,
      sipAddress,
      sipPort,
      controlHttpPort,
      log = silentLog,
      logLevel = "silent",
    } = this.#options;
    const users = [...this.accounts, ...this.guests].map(({ user, password }) => ({
      username: user,
      secret: password,
    }));
    writeDemoPlan({ domain: DOMAIN, users, room: ROOM, pin: this.#pin });
    try {
      const running = await startAllInOne({
        sipAddress,
        sipPort,
        sipHttpPort: 0,
        rtpHttpPort: 0,
        controlHttpPort,
        httpAddress: HTTP_ADDRESS,
        mediaAddress: sipAddress,
        ports: await freePorts(sipAddress, MEDIA_PORTS),
        shards: 1,
        soundsRoot: folder,
        recordingsRoot: folder,
        trust: [],
        page: true,
        log,
        logLevel,
        script: fileURLToPath(new URL(`./demo-script${extname(import.meta.url)}`, import.meta.url)),
        ...(this.#options.scriptThread === undefined ? {} : { scriptThread: this.#options.scriptThread }),
      });
      this.#running = running;
      this.#opened.push(() => running.close());
    } finally {
      clearDemoPlan();
    }
    this.#page = await pageOf(this.#switch.control?.url);
  }

  get #switch(): RunningAllInOne {
    if (this.#running === undefined) throw new MediaswitchError("CALL_STATE", "the switch does not run");
    return this.#running;
  }

  async #openPhones(): Promise<[Party, Party, Party]> {
    const { log } = this.#options;
    const { advertised } = this.#switch.sip;
    const clock = new SystemClock();
    const media = await this.#open(
      openPhoneMedia({ address: advertised.address, recordingsRoot: this.#options.folder }),
    );
    const open = async (settings: DemoPhone, { password }: DemoAccount): Promise<Party> => {
      const { name, user, codec, transport } = settings;
      const what = `${name}'s phone registers as ${user} over ${transport.toUpperCase()}`;
      return this.#steps.run(what, async () => {
        const uri = `sip:${formatSocketAddress(advertised)};transport=${transport}`;
        const phone = await this.#open(
          openPhone({
            account: { user, domain: DOMAIN, password, name },
            codecs: [codec, "2833"],
            media,
            reach: await reachServer(uri, { clock, random: systemRandom }),
            ...(log === undefined ? {} : { log }),
          }),
        );
        await phone.register(this.#waiting);
        return { ...settings, phone };
      });
    };
    const [anna, ben, carla] = DEMO_PHONES;
    const [first, second, third] = this.accounts;
    return [await open(anna, first), await open(ben, second), await open(carla, third)];
  }

  async #open<T extends Phone | PhoneMedia>(opening: Promise<Opened<T>>): Promise<T> {
    const { it, close } = await opening;
    this.#opened.push(close);
    return it;
  }

  #call(from: Party, to: Party): Promise<{ readonly caller: PhoneLeg; readonly callee: PhoneLeg }> {
    const what = `${from.name} (${codecTitle(from.codec)}) calls ${to.name} (${codecTitle(to.codec)}), who answers`;
    return this.#steps.run(what, async () => {
      const caller = await from.phone.call(to.user);
      const callee = await to.phone.rings(this.#waiting);
      await caller.ringing(this.#waiting);
      await callee.answer();
      await caller.answered(this.#waiting);
      await caller.hearsText(connectedTo(to.user), this.#waiting);
      return { caller, callee };
    });
  }

  #transfer(
    call: { readonly caller: PhoneLeg; readonly callee: PhoneLeg },
    { anna, ben, carla }: Readonly<Record<"anna" | "ben" | "carla", Party>>,
  ): Promise<PhoneLeg> {
    const what = `${ben.name} transfers ${anna.name} to ${carla.name} (${codecTitle(carla.codec)}), who answers`;
    return this.#steps.run(what, async () => {
      const transfer = call.callee.transfer(carla.user, this.#waiting);
      const answer = carla.phone.rings(this.#waiting).then(async (leg) => {
        await leg.answer();
        return leg;
      });
      const [, leg] = await Promise.all([transfer, answer]);
      await call.caller.hearsText(connectedTo(carla.user), this.#waiting);
      await call.callee.ended(this.#waiting);
      return leg;
    });
  }

  #meet(parties: readonly Party[]): Promise<(readonly [Party, PhoneLeg])[]> {
    const names = listOf(parties.map(({ name }) => name));
    const what = `${names} dial the conference room ${ROOM} and key in its PIN ${this.#pin}`;
    return this.#steps.run(what, () =>
      Promise.all(parties.map(async (party) => [party, await this.#join(party)] as const)),
    );
  }

  async #join({ phone }: Party): Promise<PhoneLeg> {
    const leg = await phone.call(ROOM);
    await leg.answered(this.#waiting);
    // The prompt: from now on keys are listened for.
    while ((await leg.statistics()).received.packets === 0) {
      await pause(LOOK_AGAIN, undefined, this.#waiting);
    }
    await leg.press(`${this.#pin}#`);
    await leg.hearsText(JOINED, this.#waiting);
    return leg;
  }

  async #talk(name: string, talking: readonly (readonly [Party, PhoneLeg])[]): Promise<void> {
    const names = talking.map(([party]) => party.name);
    const speakers = talking.map(([{ name, voice }, leg]): Speaker => ({ name, voice, leg }));
    await this.#steps.run(`${listOf(names)} talk, and each hears the others`, async () => {
      const number = String(new Set(this.#legs.map(({ conversation }) => conversation)).size + 1);
      const { folder } = this.#options;
      const heard = await converse(speakers, { name: `${number}-${name}`, folder, ...this.#waiting });
      this.#legs.push(...heard.map((one) => legOf(name, one)));
      for (const { name: listener, hears } of heard) {
        const expected = names.filter((other) => other !== listener);
        if (expected.join() !== hears.join()) {
          throw new MediaswitchError(
            "MEDIA_STATE",
            `on ${listener}'s recording is ${listOf(hears)}, and not ${listOf(expected)}`,
          );
        }
      }
    });
  }

  /** Waits until the switch has no calls, channels and conferences any more. */
  async #tidy(): Promise<void> {
    const until = performance.now() + TIDY_WITHIN;
    for (;;) {
      const { sip, rtp } = (await this.#switch.health()) as Health;
      if (sip.calls === 0 && rtp.channels === 0) return;
      if (performance.now() > until) {
        throw new MediaswitchError(
          "CALL_STATE",
          `${String(sip.calls)} calls and ${String(rtp.channels)} channels are left in the switch`,
        );
      }
      await pause(LOOK_AGAIN, undefined, this.#waiting);
    }
  }

  #report(ok: boolean): DemoReport {
    const running = this.#running;
    return {
      ok,
      seconds: this.#steps.seconds,
      server: running === undefined ? "" : formatSocketAddress(running.sip.advertised),
      domain: DOMAIN,
      ...(this.#page === undefined ? {} : { page: this.#page }),
      phones: this.accounts,
      guests: this.guests,
      steps: this.#steps.done,
      legs: this.#legs,
      recordings: this.#recordings,
    };
  }
}

const accountOf = ({ name, user }: { readonly name: string; readonly user: string }): DemoAccount => ({
  name,
  user,
  password: hexToken(systemRandom, 8),
});

interface Health {
  readonly sip: { readonly calls: number };
  readonly rtp: { readonly channels: number };
}

/** `Anna, Ben and Carla`. */
function listOf(names: readonly string[]): string {
  const last = names.at(-1);
  if (last === undefined) return "nobody";
  return names.length === 1 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

/** The operator's page, where control serves one. */
async function pageOf(control: string | undefined): Promise<string | undefined> {
  if (control === undefined) return undefined;
  const page = `${control}/page/`;
  try {
    return (await fetch(page, { signal: AbortSignal.timeout(2000) })).ok ? page : undefined;
  } catch {
    return undefined;
  }
}
