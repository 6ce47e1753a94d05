import type { Hearing } from "./conversation.js";

/** One thing that was tried, in plain words. */
export interface DemoStep {
  readonly what: string;
  readonly ok: boolean;
  readonly millis: number;
  /** Why it failed. */
  readonly why?: string;
}

/** What one phone heard in one conversation. */
export interface DemoLeg {
  readonly conversation: string;
  readonly phone: string;
  readonly codec: string;
  readonly hears: readonly string[];
  readonly packets: number;
  readonly lost: number;
  readonly lostPercent: number;
  readonly jitterMillis: number;
  /** Mouth to ear; null: not measured. */
  readonly delayMillis: number | null;
  readonly mos: number | null;
}

export interface DemoAccount {
  readonly name: string;
  readonly user: string;
  readonly password: string;
}

export interface DemoReport {
  /** Everything happened, and the audio is on the recordings. */
  readonly ok: boolean;
  readonly seconds: number;
  readonly server: string;
  readonly domain: string;
  /** URL of the operator's page, where there is one. */
  readonly page?: string;
  readonly phones: readonly DemoAccount[];
  /** For phones of whoever is looking on. */
  readonly guests: readonly DemoAccount[];
  readonly steps: readonly DemoStep[];
  readonly legs: readonly DemoLeg[];
  /** Paths of the recordings of the switch and of the phones. */
  readonly recordings: readonly string[];
}

export function legOf(conversation: string, hearing: Hearing): DemoLeg {
  const { received } = hearing.statistics;
  const expected = received.packets + received.lost;
  return {
    conversation,
    phone: hearing.name,
    codec: hearing.codec,
    hears: hearing.hears,
    packets: received.packets,
    lost: received.lost,
    lostPercent: expected === 0 ? 0 : (100 * received.lost) / expected,
    jitterMillis: received.jitterMillis,
    delayMillis: hearing.delayMillis ?? null,
    mos: received.mos,
  };
}

const HEADS = ["conversation", "phone", "codec", "hears", "packets", "loss", "jitter", "delay", "MOS"];
/** Left to these, numbers to the right. */
const TEXTS = 4;

/** The summary that ends the demo. */
export function legTable(legs: readonly DemoLeg[]): string {
  const rows = [HEADS, ...legs.map(cellsOf)];
  const widths = HEADS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < TEXTS ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  const [heads = [], ...others] = rows.map(line);
  return [heads, ...others].map((text) => `  ${String(text)}\n`).join("");
}

const cellsOf = (leg: DemoLeg): readonly string[] => [
  leg.conversation,
  leg.phone,
  codecTitle(leg.codec),
  leg.hears.join(", "),
  String(leg.packets),
  `${leg.lostPercent.toFixed(1)} %`,
  `${leg.jitterMillis.toFixed(1)} ms`,
  leg.delayMillis === null ? "-" : `${leg.delayMillis.toFixed(0)} ms`,
  leg.mos === null ? "-" : leg.mos.toFixed(2),
];

const TITLES: Readonly<Record<string, string>> = { "722": "G.722", pcma: "PCMA", pcmu: "PCMU" };

/** What people call a codec of ours. */
export const codecTitle = (name: string): string =>
  TITLES[name] ?? (name.startsWith("ilbc") ? "iLBC" : name.toUpperCase());
