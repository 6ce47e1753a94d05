import type { Test } from "tap";
import { ms, seconds, type Millis } from "../../ts/core/brand.js";
import { formatSocketAddress, type SocketAddress } from "../../ts/core/socket-address.js";
import type { Protocol } from "../../ts/sip/transport/transport.js";
import type { Datagram, FakeNetwork } from "./fake-network.js";
import { recordFlow } from "./flow-recorder.js";
import { ladderColumns, ladderHead, ladderLine, renderLadder, type PictureRow } from "./ladder-picture.js";
import type { ManualClock } from "./manual-clock.js";
import type { ScriptedParty, SendOptions } from "./scripted-party.js";
import { header, messageName, readSip, type SipText } from "./sip-text.js";

export { renderLadder } from "./ladder-picture.js";

/** Looks at a header or body; throws, or reports to the test, what is wrong with it. */
export type Check = (text: string) => void;

/** What a row may say besides its message; `sdp` and `headers` are sent by a party and required of the switch. */
export interface RowOptions extends Omit<SendOptions, "sdp" | "headers"> {
  /** Of the switch: the very body, or a check of it. */
  readonly sdp?: string | Check;
  /** Of the switch: the very value, a pattern, a check, or null for "not there". */
  readonly headers?: Readonly<Record<string, string | null | RegExp | Check>>;
  /** Of the switch: a look at the whole message. */
  readonly check?: (message: SipText) => void;
  /** The network loses it. */
  readonly lost?: true;
  /** Of the switch: by which protocol; that of the party unless given. */
  readonly over?: Protocol;
}

/** Milliseconds from the start of the flow, who, to whom, what. */
export type LadderRow = readonly [
  at: number,
  from: string,
  to: string,
  message: string,
  options?: RowOptions,
];

export interface CallFlowOptions {
  readonly clock: ManualClock;
  readonly network: FakeNetwork;
  /** Name in the rows → party; "switch" is the one under test. */
  readonly parties: Readonly<Record<string, ScriptedParty>>;
  readonly switch: SocketAddress;
  /** How long nothing may come after the last row; 64*T1 and some more (40 s) unless given, so that leftovers show. */
  readonly quiet?: Millis;
}

export interface TraceRow extends PictureRow {
  readonly text: SipText;
  readonly datagram: Seen;
}

type Seen = Pick<Datagram, "at" | "from" | "to" | "octets" | "protocol">;

export interface LadderResult {
  /** All that was sent, by the switch and by parties, up to the end or the failure. */
  readonly trace: readonly TraceRow[];
  /** Why it failed in one line, and the whole ladder with the row marked. */
  readonly failure?: { readonly reason: string; readonly picture: string };
}

const SWITCH = "switch";

/**
 * Plays a call flow. Rows from a party are sent at their time; rows from the switch are required, in this order,
 * at that very millisecond; anything else from the switch fails the flow, also in the quiet time after it. A
 * message that equals an earlier one octet for octet needs `retransmission: true`. Two rows of one instant: a
 * party's row waits until what stands above it has happened.
 * One assertion of `t`. @returns everything that was sent.
 */
export async function callFlow(
  t: Pick<Test, "pass" | "fail" | "comment"> & Partial<Pick<Test, "name">>,
  options: CallFlowOptions,
  rows: readonly LadderRow[],
): Promise<readonly TraceRow[]> {
  const { trace, failure } = await runLadder(options, rows);
  if (failure === undefined) {
    t.pass(`${String(rows.length)} rows as written`);
    recordFlow({ title: t.name ?? "a call", picture: renderLadder(trace) });
  } else {
    t.comment(failure.picture);
    t.fail(failure.reason);
  }
  return trace;
}

/** As `callFlow`, and tells the failure instead of asserting. */
export async function runLadder(options: CallFlowOptions, rows: readonly LadderRow[]): Promise<LadderResult> {
  const run = new LadderRun(options, rows);
  const stop = options.network.observe((datagram) => run.see(datagram));
  try {
    await run.play();
  } finally {
    stop();
  }
  return run.result();
}

class LadderRun {
  readonly #options: CallFlowOptions;
  readonly #rows: readonly LadderRow[];
  readonly #start: Millis;
  readonly #trace: TraceRow[] = [];
  #next = 0;
  #isLosing = false;
  #failure: { row: number; reason: string } | undefined;

  constructor(options: CallFlowOptions, rows: readonly LadderRow[]) {
    this.#options = options;
    this.#rows = rows;
    this.#start = options.clock.now();
  }

  async play(): Promise<void> {
    const { clock, quiet = seconds(40) } = this.#options;
    while (this.#failure === undefined) {
      const row = this.#rows[this.#next];
      if (row === undefined) break;
      const [at, from] = row;
      const due = ms(this.#start + at);
      if (due < clock.now()) this.#fail("is earlier than the row above it");
      else if (from === SWITCH) await this.#expect(row, due);
      else await this.#speak(row, due);
    }
    if (this.#failure === undefined) await clock.advance(quiet);
  }

  /** Takes note of a datagram as it is sent. */
  see(datagram: Seen): "pass" | "lose" {
    const from = this.#nameOf(datagram.from, datagram);
    const to = this.#nameOf(datagram.to, datagram);
    const text = readSip(datagram.octets);
    const seen: TraceRow = {
      at: datagram.at - this.#start,
      from,
      to,
      message: lineEnds(datagram.octets) ?? messageName(text),
      ...(datagram.protocol === undefined ? {} : { protocol: datagram.protocol }),
      text,
      datagram,
    };
    const earlier = this.#trace.slice();
    this.#trace.push(seen);
    if (from !== SWITCH) return this.#isLosing ? "lose" : "pass";
    if (this.#failure !== undefined) return "pass";
    return this.#match(seen, earlier);
  }

  result(): LadderResult {
    if (this.#failure === undefined) return { trace: this.#trace };
    const { row, reason } = this.#failure;
    const mark = reason.split("\n").map((line) => `>> ${line}`);
    const rows = this.#rows.map(([at, from, to, message, options]): PictureRow => {
      const protocol = options?.over;
      return { at, from, to, message, ...(protocol === undefined ? {} : { protocol }) };
    });
    const columns = ladderColumns(rows);
    const picture = [`   ${ladderHead(columns)}`];
    rows.forEach((each, index) => {
      if (index === row) picture.push(...mark);
      picture.push(`${index === row ? ">>" : "  "} ${ladderLine(each, columns)}`);
    });
    if (row === rows.length) picture.push(...mark);
    return { trace: this.#trace, failure: { reason, picture: picture.join("\n") } };
  }

  async #expect(row: LadderRow, due: Millis): Promise<void> {
    const before = this.#next;
    await this.#options.clock.runUntil(due);
    if (this.#next === before && this.#failure === undefined) this.#fail(`did not come: ${describe(row)}`);
  }

  async #speak(row: LadderRow, due: Millis): Promise<void> {
    const { clock } = this.#options;
    if (due > clock.now()) await clock.runUpTo(due);
    if (this.#failure !== undefined) return;
    const [, from, to, message, options = {}] = row;
    try {
      if (to !== SWITCH) throw new Error("talks to the switch only");
      const party = this.#options.parties[from];
      if (party === undefined) throw new Error("is no party of this flow");
      this.#isLosing = options.lost === true;
      this.#next += 1;
      party.send(message, sendOptions(options));
    } catch (error) {
      this.#next -= 1;
      this.#fail(`could not be sent: ${from} ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#isLosing = false;
    }
  }

  #match(seen: TraceRow, earlier: readonly TraceRow[]): "pass" | "lose" {
    const row = this.#rows[this.#next];
    const came = `${String(seen.at)} ms switch → ${seen.to} ${seen.message}`;
    if (row?.[1] !== SWITCH) {
      this.#fail(`came and is in no row: ${came}`);
      return "pass";
    }
    const [at, , to, message, options = {}] = row;
    if (seen.at !== at || seen.to !== to || !isNamed(seen.message, message)) {
      this.#fail(`expected ${describe(row)}, saw ${came}`);
      return "pass";
    }
    const protocol = seen.protocol ?? "UDP";
    if (protocol !== (options.over ?? this.#usual(to))) {
      this.#fail(`came over ${protocol}: ${came}`);
      return "pass";
    }
    const isRepeated = earlier.some(
      (other) =>
        other.from === SWITCH && other.to === to && areEqual(other.datagram.octets, seen.datagram.octets),
    );
    if (isRepeated !== (options.retransmission === true)) {
      this.#fail(isRepeated ? `is a retransmission: ${came}` : `differs from all before it: ${came}`);
      return "pass";
    }
    try {
      checkContent(seen.text, options);
    } catch (error) {
      this.#fail(`${describe(row)}: ${error instanceof Error ? error.message : String(error)}`);
      return "pass";
    }
    if (options.dialog !== undefined) {
      this.#options.parties[to]?.nameDialog(header(seen.text, "call-id") ?? "", options.dialog);
    }
    this.#next += 1;
    return options.lost === true ? "lose" : "pass";
  }

  #fail(reason: string): void {
    this.#failure ??= { row: this.#next, reason };
  }

  /** By what a party is spoken to where its row does not say. */
  #usual(name: string): Protocol {
    return this.#options.parties[name]?.protocol ?? "UDP";
  }

  /** Of a connection, one end has a port of the system's choice. */
  #nameOf(address: SocketAddress, { protocol }: Seen): string {
    const isOf = (own: SocketAddress): boolean =>
      isSame(own, address) || (protocol !== undefined && own.address === address.address);
    if (isOf(this.#options.switch)) return SWITCH;
    const parties = Object.entries(this.#options.parties);
    const entry =
      parties.find(([, party]) => isSame(party.address, address)) ??
      parties.find(([, party]) => isOf(party.address));
    return entry?.[0] ?? formatSocketAddress(address);
  }
}

function checkContent(seen: SipText, { sdp, headers, check }: RowOptions): void {
  if (typeof sdp === "function") sdp(seen.body);
  else if (sdp !== undefined && sdp !== seen.body) throw new Error(`another body:\n${seen.body}`);
  for (const [name, wanted] of Object.entries(headers ?? {})) {
    const value = header(seen, name);
    if (typeof wanted === "function") wanted(value ?? "");
    else if (wanted === null) {
      if (value !== undefined) throw new Error(`${name} is there: ${value}`);
    } else if (value === undefined || (typeof wanted === "string" ? wanted !== value : !wanted.test(value))) {
      throw new Error(`${name} is ${value ?? "not there"}, not ${String(wanted)}`);
    }
  }
  check?.(seen);
}

/** Options of a party's row, without what only rows of the switch may have. */
function sendOptions({ sdp, headers, check, lost: _lost, over: _over, ...rest }: RowOptions): SendOptions {
  if (typeof sdp === "function" || check !== undefined) throw new Error("can't check what it sends itself");
  const plain: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value !== null && typeof value !== "string") throw new Error(`can't send a check as ${name}`);
    plain[name] = value;
  }
  return { ...rest, headers: plain, ...(sdp === undefined ? {} : { sdp }) };
}

const describe = ([at, from, to, message]: LadderRow): string =>
  `${String(at)} ms ${from} → ${to} ${message}`;

/** What keeps a connection open (RFC 5626 §3.5.1): "CRLFCRLF" asks, "CRLF" answers. */
function lineEnds(octets: Uint8Array): string | undefined {
  const isLineEnds = octets.length > 0 && octets.every((octet) => octet === 0x0d || octet === 0x0a);
  return isLineEnds ? "CRLF".repeat(octets.length / 2) : undefined;
}

/** "180 Ringing" and "180" both name a `SIP/2.0 180 Ringing`. */
const isNamed = (seen: string, wanted: string): boolean => seen === wanted || seen.startsWith(`${wanted} `);

const isSame = (a: SocketAddress, b: SocketAddress): boolean => a.address === b.address && a.port === b.port;

const areEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((octet, index) => octet === b[index]);
