/** A call script under test: the real SIP and call control in virtual time, with telephones that do what the test says. */
import { epochMillis, ms, seconds } from "../core/brand.js";
import type { SocketAddress } from "../core/socket-address.js";
import { App } from "../control/app/app.js";
import { ProjectControl } from "../control/projectcontrol.js";
import type { CodecName } from "../sdp/payload-types.js";
import { Phone, type Patience } from "./phone.js";
import { inScriptTime, installScriptTime } from "./script-time.js";
import { loadTestScript, type Faces } from "./script-modules.js";
import { Stage } from "./stage.js";
import type { TestRecording } from "./recorders.js";
import { TestLog } from "./test-log.js";
import { VirtualSwitch, type NetworkTrouble } from "./virtual-switch.js";

/** A function that is given both faces and uses the one it likes, or the path or URL of a script's module. */
export type TestScript = string | URL | ((faces: Faces) => unknown);

export interface TestPbxOptions {
  /** Chance: the same seed gives the same trace, octet for octet. 1 unless given. */
  readonly seed?: number;
  /** The wall clock when it starts, as `Date` reads it; 2024-01-01T00:00:00Z unless given. */
  readonly startsAt?: string | Date;
  /** What the network does to SIP messages; it is perfect unless given. */
  readonly network?: NetworkTrouble;
  /** Seconds of each sound file; a file that is not among them is not there. Not given: all are, a second long. */
  readonly sounds?: Readonly<Record<string, number>>;
  /** Put into `process.env` while a module is loaded. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface TestPhoneOptions {
  /** Default: the domain in which the script has the user. */
  readonly domain?: string;
  /** Default: as the script's directory has it. */
  readonly secret?: string;
  /** In the order of preference; default PCMA, PCMU and telephone-events. */
  readonly codecs?: readonly CodecName[];
  /** How long the registration may take. */
  readonly within?: number;
}

export interface TestOutsiderOptions {
  /** The domain that it calls; default: the script's first. */
  readonly domain?: string;
  readonly codecs?: readonly CodecName[];
  /** The host name at which it is found: of a gateway, `to.domain` and what it is called in `from`. */
  readonly host?: string;
}

const PATIENCE = 60;
const USUAL_DOMAIN = "example.org";
const PHONE_CODECS: readonly CodecName[] = ["pcma", "pcmu", "2833"];
/** After that, all transactions of RFC 3261 have ended. */
const QUIET = seconds(200);

/** Runs `script` in a switch of its own. @returns when the script has set up what it wants. */
export async function testPbx(script: TestScript, options: TestPbxOptions = {}): Promise<TestPbx> {
  const pbx = new TestPbx(options);
  try {
    await pbx.start(script, options.environment ?? {});
  } catch (error) {
    pbx.abandon();
    throw error;
  }
  return pbx;
}

export class TestPbx {
  /** The faces, as the script has them. */
  readonly app: App;
  readonly projectcontrol: ProjectControl;
  /** What the switch and the script's errors said. */
  readonly log = new TestLog();
  readonly phones: Phone[] = [];

  readonly #switch: VirtualSwitch;
  readonly #stage: Stage;
  readonly #faces: Faces;
  readonly #forgetTime: () => void;
  #isClosed = false;
  #run: () => void = () => undefined;
  readonly #hasRun = new Promise<void>((resolve) => {
    this.#run = resolve;
  });

  /** Use `testPbx`. */
  constructor({ seed = 1, startsAt, sounds, network }: TestPbxOptions) {
    const { log } = this;
    this.#switch = new VirtualSwitch({
      seed,
      log,
      ...(startsAt === undefined ? {} : { startsAt: epochMillis(new Date(startsAt).getTime()) }),
      ...(sounds === undefined ? {} : { sounds }),
    });
    if (network !== undefined) this.#switch.setTrouble(network);
    const { clock, field, controller } = this.#switch;
    this.#stage = new Stage({
      clock,
      within: (act) => this.#inScriptTime(act),
      happened: () => {
        field.update();
      },
    });
    this.projectcontrol = new ProjectControl({
      log,
      connect: () => {
        this.#run();
        return Promise.resolve({ controller, close: () => Promise.resolve() });
      },
    });
    this.app = new App({ control: this.projectcontrol });
    this.#faces = { app: this.app, projectcontrol: this.projectcontrol };
    this.#forgetTime = installScriptTime();
  }

  /** Part of `testPbx`. */
  async start(script: TestScript, environment: Readonly<Record<string, string>>): Promise<void> {
    await this.#inScriptTime(async () => {
      if (typeof script === "function") await script(this.#faces);
      else {
        await loadTestScript(script, this.#faces, {
          environment,
          hasRun: this.#hasRun,
          failed: (error) => {
            this.log.error({ err: error }, "the script failed after it had started");
          },
        });
      }
      await this.app.run();
    });
    await this.#stage.until(() => true, ms(0));
  }

  /** Live calls and open channels: 0 once all is over. */
  get left(): { readonly calls: number; readonly channels: number } {
    return { calls: this.#switch.controller.calls.size, channels: this.#switch.media.channels.size };
  }
  /** Seconds of virtual time since the start. */
  get now(): number {
    return this.#switch.clock.now() / 1000;
  }
  /** Everything that was recorded into files. */
  get recordings(): readonly TestRecording[] {
    return this.#switch.field.recordings;
  }
  /** All SIP messages so far, as a picture. */
  get ladder(): string {
    return this.#switch.ladder();
  }
  /** All SIP messages so far as octets: equal for equal seeds. */
  get trace(): readonly string[] {
    return this.#switch.network.log.map(
      ({ at, octets, fate }) => `${String(at)} ${fate}\n${Buffer.from(octets).toString("latin1")}`,
    );
  }

  /** A telephone of a user of the script's directory, registered. Without a directory, it may be any user. */
  async phone(user: string, options: TestPhoneOptions = {}): Promise<Phone> {
    const known = this.#switch.user(user) ?? (await this.#anybody(user));
    const secret = options.secret ?? known.user.secret;
    if (secret === undefined)
      throw new Error(`the secret of ${user} is not known here: name it as an option`);
    const phone = this.#newPhone({
      user,
      secret,
      local: this.#switch.newAddress(user),
      domain: options.domain ?? known.domain,
      codecs: options.codecs ?? PHONE_CODECS,
    });
    return phone.register(options);
  }

  /** Somebody outside, whom the switch trusts and who doesn't register: a trunk, or a door phone. */
  outsider(user: string, { domain, codecs = PHONE_CODECS, host }: TestOutsiderOptions = {}): Phone {
    const [first = USUAL_DOMAIN] = this.#switch.domains.keys();
    const local = host === undefined ? this.#switch.newAddress(user) : this.#switch.hostAddress(host);
    this.#switch.trusted.add(local.address);
    return this.#newPhone({ user, secret: "", domain: domain ?? first, codecs, local });
  }

  /** Lets so many seconds pass. */
  async advance(count: number): Promise<void> {
    await this.#stage.until(() => false, seconds(count));
  }

  /** Waits until something is so, up to `within` seconds. @throws with `what` and the ladder when it never is. */
  async until(isSo: () => boolean, what: string, patience: Patience = {}): Promise<void> {
    const within = patience.within ?? PATIENCE;
    if (await this.#stage.until(isSo, seconds(within))) return;
    const reason = within === 0 ? what : `${what} within ${String(within)} s`;
    throw new Error(this.#explained(reason));
  }

  /** From now on, the network does this to SIP messages. */
  trouble(trouble: NetworkTrouble): void {
    this.#switch.setTrouble(trouble);
  }

  /**
   * Hangs up what is left, and lets everything come to its end.
   * @throws with the ladder when a call or a channel is still there then.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#switch.setTrouble({});
    for (const phone of this.phones) phone.hangupAll();
    await this.advance(1);
    await this.#inScriptTime(() => this.#switch.controller.hangupAll());
    await this.#stage.until(() => false, QUIET);
    const { calls, channels } = this.left;
    this.abandon();
    if (calls + channels === 0) return;
    throw new Error(this.#explained(`${String(calls)} calls and ${String(channels)} channels are left`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Lets go of everything at once. */
  abandon(): void {
    this.#isClosed = true;
    for (const phone of this.phones) phone.close();
    this.#forgetTime();
  }

  #newPhone(options: {
    readonly user: string;
    readonly secret: string;
    readonly domain: string;
    readonly codecs: readonly CodecName[];
    readonly local: SocketAddress;
  }): Phone {
    const { network, clock, random, field, address } = this.#switch;
    const phone = new Phone({
      ...options,
      switch: address,
      network,
      clock,
      field,
      random: random.fork(`phone ${String(this.phones.length)}`),
      until: (isDone, what, patience) => this.until(isDone, what, patience),
    });
    this.phones.push(phone);
    return phone;
  }

  /** A script without a directory takes calls of anybody: so anybody may register. */
  async #anybody(user: string) {
    const [[domain, users] = [USUAL_DOMAIN, []]] = this.#switch.domains;
    if (users.some(({ secret }) => secret !== ANYBODY)) {
      const names = users.map(({ username }) => username).join(", ");
      throw new Error(`the script has no user ${user}; it has ${names}`);
    }
    const added = { username: user, secret: ANYBODY };
    await this.#switch.controller.sip.execute({
      type: "directory.put",
      domain,
      users: [...users, added],
    });
    return { domain, user: added };
  }

  #explained(reason: string): string {
    const errors = this.log.errors.map((error) => `\n${error}`).join("");
    return `${reason}\n${this.#switch.ladder(reason)}${errors}`;
  }

  #inScriptTime<Result>(act: () => Result): Result {
    const { clock } = this.#switch;
    return inScriptTime(
      {
        clock,
        failed: (error) => {
          this.log.error({ err: error }, "a timer of the script failed");
        },
      },
      act,
    );
  }
}

/** The secret of users that no script knows. */
const ANYBODY = "anybody";
