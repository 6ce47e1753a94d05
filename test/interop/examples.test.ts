/** Examples as their users start them, `mediaswitch start examples/…`, against sipp and real phones. */
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { amplitudeOf, sine } from "../rtp/support/tones.js";
import { startPhone, type Phone } from "./support/baresip.js";
import { isSameSpeech, likeness, SAMPLING_RATE } from "./support/correlate.js";
import { eventually } from "./support/eventually.js";
import { temporaryFolder } from "./support/folder.js";
import { LOOPBACK } from "./support/ports.js";
import { runSipp } from "./support/sipp.js";
import { makeSpeech } from "./support/speech.js";
import { startSwitch, stopSwitch, type RunningSwitch } from "./support/switch.js";
import { writeWav } from "./support/wav.js";

t.setTimeout(280_000);

/** The domain of the phones is the address: what sipp calls, it calls there. */
const DOMAIN = LOOPBACK;
/** Linux answers on all of 127.0.0.0/8: sipp calls from here without a password. */
const TRUSTED = "127.0.0.2";
/** Samples. */
const TENTH = SAMPLING_RATE / 10;

const example = (name: string): string =>
  fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url));
const scenario = (name: string): string => fileURLToPath(new URL(`sipp/${name}.xml`, import.meta.url));

/** One example, with its sounds and recordings in the test's folder. */
function start(t: Test, name: string, folder: string): Promise<RunningSwitch> {
  return startSwitch(t, {
    deployment: "one process",
    script: example(name),
    trust: `${TRUSTED}/32`,
    environment: { MEDIASWITCH_DOMAIN: DOMAIN },
    flags: ["--sounds-root", folder, "--recordings-root", folder],
  });
}

interface PhoneSetting {
  readonly user: string;
  readonly folder: string;
  readonly microphone: string;
  readonly codec?: "pcmu" | "pcma";
  readonly answers?: boolean;
}

/** A phone with the password that the example has printed. */
async function register(
  t: Test,
  { sipPort, processes }: RunningSwitch,
  setting: PhoneSetting,
): Promise<Phone> {
  const { user, folder, microphone, codec = "pcmu", answers = false } = setting;
  const [running] = processes;
  if (running === undefined) throw new Error("there is no switch");
  const [, secret = ""] = await running.printed(
    new RegExp(`user ${user} of ${DOMAIN}, password (\\S+)`),
    10_000,
  );
  return startPhone(t, {
    ...{ user, domain: DOMAIN, codec, microphone, answers },
    folder: join(folder, user),
    account: { secret, proxyPort: sipPort },
  });
}

const dial = async (phone: Phone, number: string): Promise<void> => {
  phone.dial(`sip:${number}@${DOMAIN}`);
  await phone.told("CALL_ESTABLISHED", 10_000);
};

/** Tenths of a second in which that tone is loud. */
function tenthsOf(hertz: number, heard: Int16Array): number {
  let count = 0;
  for (let from = 0; from + TENTH <= heard.length; from += TENTH) {
    if (amplitudeOf(hertz, heard.subarray(from, from + TENTH)) > 1000) count += 1;
  }
  return count;
}

/** A microphone, or a prompt. */
function sound(folder: string, name: string, ...parts: readonly Int16Array[]): string {
  const path = join(folder, name);
  const samples = Int16Array.from(parts.flatMap((part) => [...part]));
  writeWav(path, { samplingRate: SAMPLING_RATE, samples });
  return path;
}

/** Octets of all recordings below a folder; none where that is not there yet. */
function recorded(folder: string): number {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files
    .filter((name) => name.endsWith(".wav"))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/**
 * How many tenths of a second, one in five, of what was heard are exactly what was said, each within 1.5 s of its neighbour's
 * place: recorder and player each have a jitter buffer, which may slip by more than a direct talk's.
 */
function piecesOf(said: Int16Array, heard: Int16Array): { readonly same: number; readonly of: number } {
  let [same, of, lag] = [0, 0, 0];
  let reach = 9 * SAMPLING_RATE;
  for (let from = 0; from + TENTH <= heard.length; from += TENTH * 5) {
    const piece = heard.subarray(from, from + TENTH);
    const power = piece.reduce((sum, sample) => sum + sample * sample, 0);
    if (power < TENTH * 300 ** 2) continue;
    of += 1;
    const lowest = Math.max(0, from + lag - reach);
    for (let place = lowest; place <= Math.min(said.length - TENTH, from + lag + reach); place += 1) {
      let [product, other] = [0, 0];
      for (let index = 0; index < TENTH; index += 1) {
        const sample = said[place + index] ?? 0;
        product += sample * (piece[index] ?? 0);
        other += sample * sample;
      }
      if (product < 0.97 * Math.sqrt(power * other)) continue;
      [same, lag, reach] = [same + 1, place - from, 1.5 * SAMPLING_RATE];
      break;
    }
  }
  return { same, of };
}

const silence = (seconds: number): Int16Array => new Int16Array(seconds * SAMPLING_RATE);

/** Nothing is held any more but what lingers by the transactions' timers. */
async function isOver(t: Test, mediaswitch: RunningSwitch): Promise<void> {
  const { rtp, control } = await eventually(
    10_000,
    () => mediaswitch.resources(),
    ({ rtp, control }) => rtp["channels"] === 0 && control["calls"] === 0,
  );
  t.same([rtp["channels"], control["calls"]], [0, 0], "no channel and no call is left");
  await stopSwitch(t, mediaswitch);
  const faults = mediaswitch.processes[0]?.output().match(/^.*"level":(50|60|"error"|"fatal").*$/gm) ?? [];
  t.same(faults, [], "no error was logged");
}

void t.test("01, answer and play: sipp's callers, and a phone that hears both tones", async (t) => {
  const folder = temporaryFolder(t);
  const mediaswitch = await start(t, "01-answer-and-play", folder);
  const { sipPort } = mediaswitch;
  const phone = await register(t, mediaswitch, {
    ...{ user: "1000", folder },
    microphone: sound(folder, "quiet.wav", silence(20)),
  });
  await dial(phone, "100");
  const target = { sipPort, from: TRUSTED, folder };
  const ended = await runSipp(t, target, ["-sf", scenario("ended-by-the-switch"), "-m", "20", "-r", "20"]);
  t.same([ended.exitCode, ended.successful, ended.failed], [0, 20, 0], "the switch ends them");
  const early = await runSipp(t, target, ["-sn", "uac", "-m", "20", "-r", "20", "-d", "200"]);
  t.same([early.exitCode, early.successful, early.failed], [0, 20, 0], "they hang up while it plays");
  await phone.told("CALL_CLOSED", 10_000);
  await phone.quit();
  const heard = phone.heard();
  const seconds = [440, 660].map((hertz) => tenthsOf(hertz, heard) / 10);
  t.ok(
    seconds.every((length) => length >= 0.8 && length <= 1.1),
    `each for a second: ${JSON.stringify(seconds)}`,
  );
  await isOver(t, mediaswitch);
});

void t.test("03, two phones talk; sipp hears why others can't", async (t) => {
  const folder = temporaryFolder(t);
  const mediaswitch = await start(t, "03-two-phones", folder);
  const voices = { alice: makeSpeech(folder, "alice"), bob: makeSpeech(folder, "bob") };
  const alice = await register(t, mediaswitch, {
    ...{ user: "1000", folder },
    microphone: voices.alice.path,
  });
  const bob = await register(t, mediaswitch, {
    ...{ user: "1001", folder, codec: "pcma", answers: true },
    microphone: voices.bob.path,
  });
  await dial(alice, "1001");
  const established = performance.now();
  const nobody = await runSipp(t, { sipPort: mediaswitch.sipPort, from: TRUSTED, folder }, [
    ...["-sn", "uac", "-m", "1", "-s", "1003"],
  ]);
  t.equal(nobody.successful, 0);
  t.match(nobody.output, /SIP\/2\.0 480 /, "not registered");
  const talked = performance.now() - established;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, 7_500 - talked)));
  alice.hangUp();
  await bob.told("CALL_CLOSED", 5_000);
  await Promise.all([alice.quit(), bob.quit()]);
  for (const [speaker, listener] of [
    [voices.alice, bob],
    [voices.bob, alice],
  ] as const) {
    const result = likeness(speaker.sound.samples, listener.heard());
    t.ok(isSameSpeech(result), JSON.stringify(result));
  }
  await isOver(t, mediaswitch);
});

void t.test("05, voicemail: one phone leaves a message, the other one's hears it", async (t) => {
  const folder = temporaryFolder(t);
  // So quiet that it is not taken for speech.
  const prompt = sine(660, 0.3, 100);
  mkdirSync(join(folder, "count"));
  for (const name of ["greeting.wav", "no-messages.wav", "mailbox-menu.wav", "count/1.wav"]) {
    sound(folder, name, prompt);
  }
  const mediaswitch = await start(t, "05-voicemail", folder);
  const { path, sound: said } = makeSpeech(folder, "alice");
  const alice = await register(t, mediaswitch, { ...{ user: "1000", folder }, microphone: path });
  await dial(alice, "1001");
  await eventually(
    60_000,
    () => recorded(join(folder, "voicemail")),
    (octets) => octets > 6 * 2 * SAMPLING_RATE,
  );
  alice.hangUp();
  await alice.quit();

  const bob = await register(t, mediaswitch, {
    ...{ user: "1001", folder, codec: "pcma" },
    microphone: sound(folder, "quiet.wav", silence(20)),
  });
  await dial(bob, "800");
  // The message, and most of the menu after it.
  await new Promise((resolve) => setTimeout(resolve, 9_000));
  bob.hangUp();
  await bob.quit();
  const { same, of } = piecesOf(said.samples, bob.heard());
  t.ok(of >= 6 && same / of > 0.5, `${String(same)} of ${String(of)} pieces of what was said`);
  await isOver(t, mediaswitch);
});

void t.test("10, voice agent: its streams hear what the phone says, and say it back", async (t) => {
  const folder = temporaryFolder(t);
  const mediaswitch = await start(t, "10-voice-agent", folder);
  const alice = await register(t, mediaswitch, {
    ...{ user: "1000", folder },
    microphone: sound(
      folder,
      "alice.wav",
      silence(0.5),
      sine(700, 1),
      silence(2.5),
      sine(1100, 1),
      silence(4),
    ),
  });
  await dial(alice, "100");
  await new Promise((resolve) => setTimeout(resolve, 7_500));
  alice.hangUp();
  await alice.quit();
  const heard = alice.heard();
  const seconds = [700, 1100].map((hertz) => tenthsOf(hertz, heard) / 10);
  t.ok(
    seconds.every((length) => length >= 0.7 && length <= 1.2),
    `each sentence once, as long as it was said: ${JSON.stringify(seconds)}`,
  );
  await isOver(t, mediaswitch);
});
