import { MediaswitchError } from "../../core/errors.js";
import type { SoundSoup } from "../../rtp/media-service.js";
import type { Line } from "./line.js";
import { soupOf, type Sounds } from "./sound.js";
import type { Abortable, PlayOptions, PlayResult, SayDigitsOptions, Snippets } from "./verb-options.js";
import { waitFor } from "./wait-for.js";

/** Milliseconds. */
const KEY_WITHIN = 200;

export function play(line: Line, sounds: Sounds, options: PlayOptions): Promise<PlayResult> {
  return playSoup(line, "play", options.signal, () => soupOf(sounds, options));
}

export function stopPlaying(line: Line, { signal }: Abortable): Promise<void> {
  return waitFor<undefined>({ verb: "stopPlaying", desk: line.desk, line, signal }, async (waiter) => {
    await line.plays.stopAll();
    waiter.done(undefined);
  });
}

/** What is played stops where it is. MEDIA_STATE: nothing is. */
export function pausePlaying(line: Line, { signal }: Abortable): Promise<void> {
  return waitFor<undefined>({ verb: "pausePlaying", desk: line.desk, line, signal }, async (waiter) => {
    await line.plays.pause();
    waiter.done(undefined);
  });
}

/** … and goes on from there. */
export function resumePlaying(line: Line, { signal }: Abortable): Promise<void> {
  return waitFor<undefined>({ verb: "resumePlaying", desk: line.desk, line, signal }, async (waiter) => {
    await line.plays.resume();
    waiter.done(undefined);
  });
}

/** Each character by its snippet, as one sound soup. */
export function sayDigits(line: Line, digits: string, options: SayDigitsOptions): Promise<PlayResult> {
  return playSoup(line, "sayDigits", options.signal, () => {
    const { snippets } = options;
    if (snippets === undefined) {
      throw new MediaswitchError(
        "ARGUMENT_INVALID",
        "without snippets there is nothing to say them with",
        "snippets",
      );
    }
    return soupOf(spoken(digits, snippets), options, "snippets");
  });
}

function spoken(digits: string, snippets: Snippets): Sounds {
  if (typeof digits !== "string" || digits === "") {
    throw new MediaswitchError("ARGUMENT_INVALID", "there have to be digits to say", "digits");
  }
  return Array.from(digits).map((digit, index) => {
    const snippet = Object.hasOwn(snippets, digit) ? snippets[digit] : undefined;
    if (snippet !== undefined) return snippet;
    const field = `digits[${String(index)}]`;
    throw new MediaswitchError("ARGUMENT_INVALID", `there is no snippet for ${JSON.stringify(digit)}`, field);
  });
}

function playSoup(
  line: Line,
  verb: string,
  signal: AbortSignal | undefined,
  soup: () => SoundSoup,
): Promise<PlayResult> {
  return waitFor<PlayResult>({ verb, desk: line.desk, line, signal }, async (waiter) => {
    const playing = line.plays.play(soup());
    waiter.undo(() => playing.stop());
    const result = await playing.ended;
    if (result.ended !== "key" || result.key !== undefined) {
      waiter.done(result);
      return;
    }
    // Which key it was comes just after: it belongs to this verb, not to the next one.
    waiter.onEvent(line, (event) => {
      if (event.type === "key") waiter.done({ ended: "key", key: event.key });
    });
    waiter.after(KEY_WITHIN, () => waiter.done(result));
  });
}
