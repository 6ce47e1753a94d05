/** The whole switch but sockets, codecs and disks: SIP and call control as they are, over a network and media in memory. */
import { ms, type EpochMillis, type Millis } from "../core/brand.js";
import type { Log } from "../core/log.js";
import type { Command } from "../core/service.js";
import type { SocketAddress } from "../core/socket-address.js";
import { Controller } from "../control/controller.js";
import { isHold } from "../sdp/direction.js";
import { isSdpRefusal, parseSdp } from "../sdp/parse.js";
import { LocalSipService } from "../sip/local-sip-service.js";
import { NO_DNS, type Dns } from "../sip/locate/dns.js";
import type { DirectoryUser, SipCommands, SipService } from "../sip/sip-service.js";
import { FakeNetwork } from "./fake-network.js";
import { renderLadder, type PictureRow } from "./ladder-picture.js";
import { ManualClock } from "./manual-clock.js";
import { SeededRandom } from "./seeded-random.js";
import { messageName, readSip } from "./sip-text.js";
import { SoundField } from "./sound-field.js";
import { VirtualMedia } from "./virtual-media.js";

/** What the network does to SIP messages; nothing unless given. */
export interface NetworkTrouble {
  /** Share of messages that never arrive, 0–1. */
  readonly loss?: number;
  /** Share that arrives twice. */
  readonly duplicate?: number;
  /** Milliseconds on the way. */
  readonly delay?: number;
  /** Up to so many more, drawn for each; keeps the order. */
  readonly jitter?: number;
  /** Share that is held back by `heldBack` milliseconds (20), so that later ones overtake it. */
  readonly reorder?: number;
  readonly heldBack?: number;
}

export interface VirtualSwitchOptions {
  readonly seed: number;
  readonly log: Log;
  readonly startsAt?: EpochMillis;
  /** Seconds of each sound file; a file that is not among them is not there. Not given: all are, a second long. */
  readonly sounds?: Readonly<Record<string, number>>;
}

/** A user as the script put him into the directory. */
export interface KnownUser {
  readonly domain: string;
  readonly user: DirectoryUser;
}

const USUAL_MILLIS = 1000;
const ADDRESS: SocketAddress = { address: "192.0.2.1", port: 5060 };
const MEDIA_ADDRESS = "192.0.2.100";

export class VirtualSwitch {
  readonly clock: ManualClock;
  readonly random: SeededRandom;
  readonly network: FakeNetwork;
  readonly sip: LocalSipService;
  readonly media: VirtualMedia;
  readonly field: SoundField;
  readonly controller: Controller;
  readonly address = ADDRESS;
  readonly domains = new Map<string, readonly DirectoryUser[]>();
  /** Sources that need no digest. */
  readonly trusted = new Set<string>();

  readonly #names = new Map<string, string>([[ADDRESS.address, "switch"]]);
  /** Each name has an address, whether or not somebody is there. */
  readonly #dns: Dns = {
    ...NO_DNS,
    a: (name) => Promise.resolve({ records: [this.hostAddress(name).address] }),
  };
  readonly #hosts = new Map<string, SocketAddress>();
  #phones = 0;

  constructor({ seed, log, startsAt, sounds }: VirtualSwitchOptions) {
    this.clock = new ManualClock(startsAt);
    this.random = new SeededRandom(seed);
    this.network = new FakeNetwork({ clock: this.clock, random: this.random.fork("network") });
    this.sip = new LocalSipService({
      transport: this.network.transport(ADDRESS),
      clock: this.clock,
      random: this.random.fork("sip"),
      log,
      trusted: (address) => this.trusted.has(address),
      dns: this.#dns,
      checkBody: (_type, content) =>
        isSdpRefusal(parseSdp(content)) ? { status: 488, reason: "Not Acceptable Here" } : undefined,
      isHold: (text) => {
        const description = parseSdp(text);
        return !isSdpRefusal(description) && isHold(description);
      },
    });
    this.media = new VirtualMedia({
      ip: MEDIA_ADDRESS,
      ...(sounds === undefined ? {} : { files: Object.keys(sounds) }),
    });
    this.field = new SoundField({
      media: this.media,
      clock: this.clock,
      lengthOf: (file) => (sounds === undefined ? USUAL_MILLIS : 1000 * (sounds[file] ?? 0)),
    });
    this.media.field = this.field;
    this.controller = new Controller({
      sip: this.#watchingDirectory(),
      media: this.media,
      clock: this.clock,
      random: this.random.fork("control"),
      log,
    });
  }

  /** An address of its own for a phone, which has this name in ladders. */
  newAddress(name: string): SocketAddress {
    this.#phones += 1;
    const address = `198.51.${String(100 + (this.#phones >> 8))}.${String(this.#phones & 255)}`;
    const taken = new Set(this.#names.values());
    let unique = name;
    for (let number = 2; taken.has(unique); number++) unique = `${name}/${String(number)}`;
    this.#names.set(address, unique);
    return { address, port: 5060 };
  }

  /** The address of a host name. */
  hostAddress(name: string): SocketAddress {
    const address = this.#hosts.get(name) ?? this.newAddress(name);
    this.#hosts.set(name, address);
    return address;
  }

  user(username: string): KnownUser | undefined {
    for (const [domain, users] of this.domains) {
      const user = users.find((each) => each.username === username);
      if (user !== undefined) return { domain, user };
    }
    return undefined;
  }

  setTrouble({ delay, jitter, heldBack, ...shares }: NetworkTrouble): void {
    const millis: { delay?: Millis; jitter?: Millis; heldBack?: Millis } = {};
    if (delay !== undefined) millis.delay = ms(delay);
    if (jitter !== undefined) millis.jitter = ms(jitter);
    if (heldBack !== undefined) millis.heldBack = ms(heldBack);
    this.network.setConditions({ ...shares, ...millis });
  }

  /** All SIP messages so far: one line for each, lost ones marked. */
  get trace(): readonly PictureRow[] {
    return this.network.log.map(({ at, from, to, octets, fate }) => ({
      at,
      from: this.#name(from),
      to: this.#name(to),
      message: `${messageName(readSip(octets))}${fate === "delivered" ? "" : ` (${fate})`}`,
    }));
  }

  /** The trace as a picture. @param mark what went wrong, beside the moment at which it did. */
  ladder(mark?: string): string {
    const rows = this.trace;
    const lines = rows.length === 0 ? [] : renderLadder(rows).split("\n");
    const picture = lines.map((line) => `   ${line}`);
    if (mark !== undefined) picture.push(`>> ${String(this.clock.now()).padStart(8)}  ${mark}`);
    return picture.join("\n");
  }

  #name({ address }: SocketAddress): string {
    return this.#names.get(address) ?? address;
  }

  #watchingDirectory(): SipService {
    return {
      attach: (sink) => {
        this.sip.attach(sink);
      },
      execute: (command, signal) => {
        if (isDirectory(command)) this.domains.set(command.domain, command.users);
        return this.sip.execute(command, signal);
      },
    };
  }
}

const isDirectory = (command: { readonly type: string }): command is Command<SipCommands, "directory.put"> =>
  command.type === "directory.put";
