/** What becomes of a telephone's packets: how many of each kind are made wrong, and what each is to be counted as. */

/** What the channel does with good audio; decides what late and repeated packets count as. */
export type Treatment =
  /** Goes on as it is, or octet by octet into the other law: order is not its business. */
  | "relay"
  /** A decoder takes it, in order. */
  | "transcode"
  /** A jitter buffer takes it: mixed, recorded, read. */
  | "hear"
  /** Nobody hears it. */
  | "ignore";

/** Of a thousand packets of the stream. */
export interface FaultRates {
  readonly lost: number;
  readonly duplicated: number;
  /** Held back for a second. */
  readonly late: number;
  /** Datagrams between them that are wrong in themselves, one of each kind in turn. */
  readonly wrong: number;
  /** Packets of another socket. */
  readonly strange: number;
}

export const EVERY_FAULT: FaultRates = { lost: 10, duplicated: 10, late: 5, wrong: 40, strange: 5 };

export const NO_FAULT: FaultRates = { lost: 0, duplicated: 0, late: 0, wrong: 0, strange: 0 };

/** Where a packet that is well formed and from the right source ends: `forwarded`, `consumed`, or a drop's name. */
export type End = string;

export const END_OF_AUDIO: Readonly<Record<Treatment, End>> = {
  relay: "forwarded",
  transcode: "forwarded",
  hear: "consumed",
  ignore: "NotBridged",
};

export const END_OF_DUPLICATE: Readonly<Record<Treatment, End>> = {
  ...END_OF_AUDIO,
  transcode: "DuplicatePacket",
  hear: "DuplicatePacket",
};

export const END_OF_LATE: Readonly<Record<Treatment, End>> = {
  ...END_OF_AUDIO,
  transcode: "LateForDecoder",
  hear: "LateForPlayout",
};

/** Which reasons the network and this machine add to of themselves, where a jitter buffer keeps time. */
export const REASONS_OF_TIME: ReadonlySet<End> = new Set(["LateForPlayout", "JitterBufferFull"]);
