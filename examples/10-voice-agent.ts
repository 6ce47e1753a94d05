/**
 * A voice agent: hears the caller as a stream of samples, and speaks by another one. What thinks in between is yours; this
 * one waits until the caller falls silent and says back what it heard. Speech of the caller interrupts it.
 */
import { app, type AudioSink } from "mediaswitch";
import { domain, printPhones, users } from "./phones.js";

void app.directory(domain, users);

const LOUD = 500; // root mean square of 16-bit samples
const SILENCE = 600; // milliseconds of it that end a sentence
const CHUNK = 20;

function loudness(chunk: Uint8Array): number {
  const samples = new Int16Array(chunk.slice().buffer);
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

app.oncall(async (call) => {
  await call.answer();
  const audio = call.audio({ samplerate: 8000 });
  let sentence: Uint8Array[] = [];
  let silence = 0;
  let speaking: AudioSink | undefined;

  for await (const chunk of audio.input) {
    if (loudness(chunk) > LOUD) {
      speaking?.destroy(); // the caller interrupts
      speaking = undefined;
      silence = 0;
      sentence.push(chunk);
      continue;
    }
    silence += CHUNK;
    if (silence < SILENCE || sentence.length === 0) continue;
    speaking = audio.output();
    for (const part of sentence) speaking.write(part);
    speaking.end();
    sentence = [];
  }
});

await app.run();
printPhones();
