import { MediaswitchError } from "../core/errors.js";
import type { ChannelStatistics } from "../rtp/media-service.js";
import { setTimeout as pause } from "node:timers/promises";
import type { SoundSoup } from "../rtp/media-service.js";
import type { PhoneLeg } from "./phone-leg.js";
import type { Phone } from "./phone.js";
import { statusWords } from "./status-words.js";

/** `unreachable`: nothing came back, or nothing could be sent. */
export type CallOutcome = "answered" | "refused" | "no-answer" | "unreachable";

export interface CallReport {
  readonly to: string;
  readonly callId: string;
  readonly outcome: CallOutcome;
  /** SIP status and phrase of the last answer; absent where none came. */
  readonly status?: number;
  readonly reason?: string;
  /** In plain words: why nobody answered, or what is wrong with the audio. */
  readonly why?: string;
  /** Seconds from the INVITE to the first ringing and to the answer, and from there to the end. */
  readonly ringingAfter?: number;
  readonly answeredAfter?: number;
  readonly talked?: number;
  readonly endedBy?: "phone" | "switch";
  /** As scripts call it, and where audio went to. */
  readonly codec?: string;
  readonly media?: string;
  readonly received?: CallAudioReport;
  readonly sent?: { readonly packets: number; readonly lost: number | null; readonly mos: number | null };
  /** By RTCP; null where the far end sends none. */
  readonly roundTripMillis?: number | null;
  /** Keys that the far end pressed. */
  readonly keys?: string;
  readonly recording?: string;
}

export interface CallAudioReport {
  readonly packets: number;
  readonly lost: number;
  readonly lostPercent: number;
  readonly jitterMillis: number;
  readonly mos: number | null;
}

export interface PlaceCallOptions {
  /** Seconds that it may ring. */
  readonly ringSeconds: number;
  /** Seconds to talk; 0: until the far end hangs up. */
  readonly seconds: number;
  /** Played from the answer on. */
  readonly sound?: SoundSoup;
  /** Of the media engine's root: what came in on the left, what went out on the right. */
  readonly recording?: string;
  /** Pressed a second after the answer. */
  readonly digits?: string;
  readonly signal?: AbortSignal;
  /** What happens, in plain words. */
  readonly told: (text: string) => void;
}

/** Milliseconds. */
const BEFORE_DIGITS = 1000;
const HANGUP_WITHIN = 5000;

/** Makes one call and tells what became of it. Rejects for what the caller got wrong, and with ABORTED. */
export async function placeCall(phone: Phone, to: string, options: PlaceCallOptions): Promise<CallReport> {
  const began = performance.now();
  const since = (): number => Math.round(performance.now() - began) / 1000;
  const leg = await phone.call(to);
  const within = options.ringSeconds * 1000;
  const waiting = { within, ...(options.signal === undefined ? {} : { signal: options.signal }) };
  let ringingAfter: number | undefined;
  const ringing = leg.ringing(waiting).then(
    () => {
      ringingAfter = since();
      if (leg.state === "calling") options.told(`it rings at ${to}`);
    },
    () => undefined,
  );
  try {
    await leg.answered(waiting);
  } catch (error) {
    if (!(error instanceof MediaswitchError) || error.code === "ABORTED") throw error;
    // Nobody picked up: the call is taken back.
    if (leg.state === "calling" && !leg.isUnheard)
      await leg.hangup({ within: HANGUP_WITHIN }).catch(() => undefined);
    return {
      ...failure(leg, error),
      to,
      callId: leg.callId,
      ...(ringingAfter === undefined ? {} : { ringingAfter }),
    };
  }
  await ringing;
  const answeredAfter = since();
  options.told(`answered after ${answeredAfter.toFixed(1)} s`);
  await talk(leg, options);
  const talked = Math.round(1000 * (since() - answeredAfter)) / 1000;
  const { by } = await leg.hangup({ within: HANGUP_WITHIN });
  const statistics = await leg.statistics();
  const why = troubleOf(leg, statistics);
  return {
    to,
    callId: leg.callId,
    outcome: "answered",
    status: leg.final?.status ?? 200,
    reason: leg.final?.reason ?? "OK",
    ...(ringingAfter === undefined ? {} : { ringingAfter }),
    answeredAfter,
    talked,
    endedBy: by,
    ...(leg.codec === undefined ? {} : { codec: leg.codec }),
    ...(leg.remote === undefined ? {} : { media: `${leg.remote.address}:${String(leg.remote.port)}` }),
    received: audioReport(statistics),
    sent: {
      packets: statistics.sent.packets,
      lost: statistics.sent.lost,
      mos: statistics.sent.mos,
    },
    roundTripMillis: statistics.roundTripMillis,
    keys: leg.keys,
    ...(options.recording === undefined ? {} : { recording: options.recording }),
    ...(why === undefined ? {} : { why }),
  };
}

/** Until the time is over, or the far end hangs up. */
async function talk(
  leg: PhoneLeg,
  { seconds, sound, recording, digits, signal }: PlaceCallOptions,
): Promise<void> {
  const over = new AbortController();
  const stop = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  const trouble: unknown[] = [];
  // What breaks off because the call has ended is no trouble.
  const unlessOver = (error: unknown): void => {
    if (!stop.aborted && leg.state === "talking") trouble.push(error);
  };
  const press = async (): Promise<void> => {
    if (digits === undefined) return;
    await pause(BEFORE_DIGITS, undefined, { signal: stop });
    await leg.press(digits);
  };
  if (recording !== undefined) await leg.record({ file: recording, numchannels: 2 });
  const playing = sound === undefined ? undefined : leg.play(sound, { signal: stop }).catch(unlessOver);
  const pressing = press().catch(unlessOver);
  const within = seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1000;
  try {
    await leg.ended({ within, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    if (!(error instanceof MediaswitchError) || error.code !== "NO_ANSWER") throw error;
  } finally {
    over.abort();
    await Promise.all([playing, pressing]);
  }
  if (trouble.length > 0) throw trouble[0];
}

function failure(
  leg: PhoneLeg,
  error: MediaswitchError,
): Pick<CallReport, "outcome" | "status" | "reason" | "why"> {
  const { final, provisional } = leg;
  // A response that was made up here counts for none.
  const isSilent = provisional === undefined && (final === undefined || leg.failure !== undefined);
  if (isSilent) {
    return { outcome: "unreachable", why: error.code === "NO_ANSWER" ? NOTHING_CAME : error.message };
  }
  // Taken back by us, as nobody picked up.
  if (error.code === "NO_ANSWER") {
    const why = leg.isRinging
      ? "it rang, and nobody picked up"
      : "the server tried, and it did not even ring";
    return { outcome: "no-answer", why };
  }
  const status = final?.status ?? 0;
  const told = { status, reason: final?.reason ?? "" };
  const isNobody = status === 408 || status === 480;
  return { outcome: isNobody ? "no-answer" : "refused", ...told, why: statusWords(status) };
}

const NOTHING_CAME =
  "the server did not say a word: wrong address or port, a firewall between, or nobody listens there";

const audioReport = ({ received }: ChannelStatistics): CallAudioReport => {
  const expected = received.packets + received.lost;
  return {
    packets: received.packets,
    lost: received.lost,
    lostPercent: expected === 0 ? 0 : (100 * received.lost) / expected,
    jitterMillis: received.jitterMillis,
    mos: received.mos,
  };
};

/** What is wrong with the audio of an answered call. */
function troubleOf(leg: PhoneLeg, { received, dropped, datagrams }: ChannelStatistics): string | undefined {
  if (received.packets > 0) return undefined;
  if (datagrams === 0) {
    const from =
      leg.remote === undefined ? "the far end" : `${leg.remote.address}:${String(leg.remote.port)}`;
    return `answered, but no audio came from ${from}: the far end is silent, or a firewall or NAT keeps it away`;
  }
  const reasons = Object.entries(dropped)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${reason} ${String(count)}`);
  return `answered, but none of ${String(datagrams)} packets could be used: ${reasons.join(", ")}`;
}
