import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { SAMPLING_RATE } from "./correlate.js";
import { readWav, type Sound } from "./wav.js";

export type Speaker = keyof typeof SPEAKERS;

/** Different texts in different voices, each longer than any test listens. */
const SPEAKERS = {
  alice: {
    voice: ["-v", "en", "-s", "150"],
    text: `The quick brown fox jumps over the lazy dog, while seven quiet engineers watch the harbour lights
      from the northern bridge. Nobody expected rain that evening, yet clouds gathered above the old mill, and the
      ferry left eleven minutes early with only three passengers on board. They counted the seagulls until the
      shore had vanished, and then they went below to drink a pot of strong black tea.`,
  },
  bob: {
    voice: ["-v", "en+f3", "-s", "155", "-p", "70"],
    text: `Please bring two large baskets of apples to the market on Thursday morning. My sister plays the violin
      in a small orchestra near the railway station, and every spring they give a concert for the children of the
      village. Last year it lasted more than two hours, because the audience kept asking for another dance, and
      the baker brought a tray of warm bread for everyone.`,
  },
} as const;

/** Speech as a telephone's microphone gives it: 8 kHz, mono. Made by espeak-ng, so it is the same on each run. */
export function makeSpeech(
  folder: string,
  speaker: Speaker,
): { readonly path: string; readonly sound: Sound } {
  const { voice, text } = SPEAKERS[speaker];
  const original = join(folder, `${speaker}-original.wav`);
  const path = join(folder, `${speaker}.wav`);
  execFileSync("espeak-ng", [...voice, "-w", original, text.replace(/\s+/g, " ")]);
  execFileSync("sox", [original, "-r", String(SAMPLING_RATE), "-c", "1", "-b", "16", path, "norm", "-6"]);
  return { path, sound: readWav(path) };
}
