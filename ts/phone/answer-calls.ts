import type { SoundSoup } from "../rtp/media-service.js";
import type { PhoneLeg } from "./phone-leg.js";
import type { Phone } from "./phone.js";

export interface AnswerCallsOptions {
  /** Ends it; calls that are up stay up. */
  readonly signal: AbortSignal;
  /** Played to whoever calls, who is hung up on afterwards; without it they hear themselves. */
  readonly sound?: SoundSoup;
  /** A call was answered. It settles when that call has ended. */
  readonly answered?: (leg: PhoneLeg) => Promise<void>;
  /** A call could not be answered, or broke off. */
  readonly failed?: (error: unknown) => void;
}

/** Answers all calls of a phone. Settles when the signal ends it; never rejects. */
export async function answerCalls(phone: Phone, options: AnswerCallsOptions): Promise<void> {
  const { signal, failed } = options;
  while (!signal.aborted) {
    try {
      const leg = await phone.rings({ signal, within: Number.POSITIVE_INFINITY });
      void answerOne(leg, options).catch((error: unknown) => failed?.(error));
    } catch {
      // Only the signal ends the waiting.
      return;
    }
  }
}

async function answerOne(leg: PhoneLeg, { sound, answered }: AnswerCallsOptions): Promise<void> {
  await leg.answer();
  const told = answered?.(leg);
  if (sound === undefined) await leg.echo({ enabled: true });
  else {
    await leg.play(sound);
    if (leg.state === "talking") await leg.hangup();
  }
  await told;
}
