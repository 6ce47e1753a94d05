/**
 * The seed's demo dial plan, destination by destination, through real SIP and media. Media runs in real time, so the
 * script waits `PAUSE` where the demo waits 2 s and 60 s, and its snippets are parts of a second long.
 */
import { join } from "node:path";
import t, { type Test } from "tap";
import type { Call } from "../../ts/control/call.js";
import type { ProjectControl } from "../../ts/control/projectcontrol.js";
import { CallQueues } from "../../ts/control/queue-of-calls.js";
import type { SoundSoup } from "../../ts/rtp/media-service.js";
import { directory, Exchange } from "./support/exchange.js";
import type { PhoneCall } from "./support/phone-call.js";
import type { Telephone } from "./support/telephone.js";
import { writeTones } from "./support/wave-file.js";

/** Milliseconds. */
const PAUSE = 300;

/** Snippets of the one sound file, by the tone that each is: 800, 900 … Hz from second 0, 1 … on. */
const SNIPPETS = {
  youare: 800,
  first: 900,
  second: 1000,
  inline: 1100,
  music: 1200,
  looped: 1300,
  ringing: 1400,
};
type Snippet = keyof typeof SNIPPETS;

/** 0.3 s of the file. */
function snippet(name: Snippet): { wav: string; start: number; stop: number } {
  const start = 1000 * Object.keys(SNIPPETS).indexOf(name);
  return { wav: "demo.wav", start, stop: start + 300 };
}

const RINGING: SoundSoup = { files: [{ ...snippet("ringing"), loop: 3 }], loop: true };

const later = (run: () => unknown): void => void setTimeout(run, PAUSE);

/** What the script prints. */
interface Printed {
  readonly lines: string[];
  readonly reports: Call[];
}

function demo(projectcontrol: ProjectControl, { lines, reports }: Printed): void {
  const queues = new CallQueues();
  directory(projectcontrol);
  projectcontrol.onhangup = (call) => lines.push(`hangup ${call.info.to}`);
  projectcontrol.onreporting = (call) => reports.push(call);
  projectcontrol.onreg = ({ user }) => lines.push(`reg ${user}`);
  projectcontrol.ondereg = ({ user }) => lines.push(`dereg ${user}`);
  queues.onpositionchange = (call) => {
    const number = call.metadata.queue?.position === 1 ? "first" : "second";
    void call.play({
      files: [snippet("youare"), snippet(number), snippet("inline"), { ...snippet("music"), loop: true }],
    });
  };
  const destinations: Readonly<Record<string, (call: Call) => unknown>> = {
    "1": (call) => {
      call.onanswer = () => queues.find("blah").queue(call);
      void call.answer();
    },
    "2": (call) => call.newcall({ to: { user: "1001" } }),
    "3": (call) => call.newcall({ to: { user: "1003" } }),
    "4": (call) => call.newcall({ to: { user: "01442299280" }, forward: true }),
    "5": (call) => {
      void call.ring();
      call.onanswer = () => {
        void call.play({ files: [{ ...snippet("looped"), loop: true }] });
        later(() => call.hangup());
      };
      later(() => call.answer());
    },
    "6": (call) => {
      call.onanswer = () => {
        void call.play(RINGING);
        call.newcall({ to: { user: "1003" } });
      };
      void call.answer();
    },
    "7": (call) => {
      call.onanswer = () => later(() => call.hangup());
      void call.answer();
    },
    "8": (call) => {
      call.onanswer = () => {
        void call.play(RINGING);
        call.newcall({ to: { user: "1003" } }).onanswer = (child) => later(() => child.hangup());
      };
      void call.answer();
    },
    "9": (call) => call.newcall([{ to: { user: "1003" } }, { to: { user: "1001" } }]),
  };
  projectcontrol.onnewcall = (call) => destinations[call.destination]?.(call) ?? undefined;
}

interface Office extends Printed {
  readonly exchange: Exchange;
  /** 1000, who calls; the others are called. */
  readonly caller: Telephone;
  readonly at: { readonly "1001": Telephone; readonly "1003": Telephone; readonly gateway: Telephone };
}

async function open(t: Test): Promise<Office> {
  const printed: Printed = { lines: [], reports: [] };
  const sounds = t.testdir({});
  const tones = Object.values(SNIPPETS).map((hertz) => [hertz, 1] as const);
  await writeTones(join(sounds, "demo.wav"), tones);
  const exchange = await Exchange.open(
    t,
    (projectcontrol) => {
      demo(projectcontrol, printed);
    },
    { sounds },
  );
  const trunk = await exchange.stranger("1004");
  exchange.projectcontrol.gw = {
    from: { user: "account", domain: "gateway.example", authsecret: "sesame" },
    to: { domain: trunk.address },
  };
  const [caller, one, three] = await Promise.all([
    exchange.phone("1000"),
    exchange.phone("1001"),
    exchange.phone("1003"),
  ]);
  return { exchange, caller, at: { "1001": one, "1003": three, gateway: trunk }, ...printed };
}

/** It rings there, is answered, and both hear each other. */
async function talks(call: PhoneCall, phone: Telephone): Promise<PhoneCall> {
  const rung = await phone.rung();
  rung.ring();
  rung.answer();
  await call.answered();
  await call.talksWith(rung);
  return rung;
}

t.test(
  "1: answered, and in the queue: each hears its position, and a new one when somebody leaves",
  async (t) => {
    const { exchange, caller, at } = await open(t);
    const first = await caller.call("1");
    await first.voice.hears(SNIPPETS.youare);
    await first.voice.hears(SNIPPETS.first);
    const second = await at["1001"].call("1");
    await second.voice.hears(SNIPPETS.second);
    await first.voice.hears(SNIPPETS.music);
    await first.hangup();
    await second.voice.hears(SNIPPETS.first);
    await second.voice.hears(SNIPPETS.inline);
    await second.hangup();
    await exchange.endsClean(t);
  },
);

t.test("2 and 3: bridged to 1001 and 1003; what the script prints", async (t) => {
  const { exchange, caller, at, lines, reports } = await open(t);
  const one = await caller.call("2");
  const atOne = await talks(one, at["1001"]);
  await one.hangup();
  await atOne.ended();
  const three = await caller.call("3");
  const atThree = await talks(three, at["1003"]);
  await atThree.hangup();
  await three.ended();
  await caller.register(0);
  await exchange.endsClean(t);
  t.strictSame(lines.filter((line) => line.startsWith("reg ")).sort(), ["reg 1000", "reg 1001", "reg 1003"]);
  t.ok(lines.includes("dereg 1000"));
  t.equal(lines.filter((line) => line.startsWith("hangup ")).length, 4, "two legs of two calls");
  t.equal(reports.length, 4);
  const [history] = reports
    .filter(({ originator }) => !originator)
    .map((call) => call.history.map(({ what }) => what));
  t.match(history, ["New call", /Creating child call to 1001@/, "We ring", "We answer call"]);
});

t.test("4: forwarded through the gateway, with its account and number", async (t) => {
  const { exchange, caller, at } = await open(t);
  const call = await caller.call("4");
  const rung = await at.gateway.rung();
  t.equal(rung.invite?.uri, `sip:01442299280@${at.gateway.address}`);
  t.equal(rung.invite?.headers.from.uri, "sip:account@gateway.example");
  const credentials = await rung.challenge("gateway.example");
  t.match(credentials, { username: /account/, realm: /gateway\.example/ });
  rung.answer();
  await call.answered();
  await call.talksWith(rung);
  await call.hangup();
  await rung.ended();
  await exchange.endsClean(t);
});

t.test("5: rings, answers later, plays a part of a file again and again, hangs up", async (t) => {
  const { exchange, caller } = await open(t);
  const call = await caller.call("5");
  await call.gets(180);
  t.notOk(call.isUp);
  await call.answered();
  await call.voice.hears(SNIPPETS.looped);
  await call.ended();
  t.strictSame(call.statuses, [180, 200]);
  await exchange.endsClean(t);
});

t.test("6: the caller hears ringing from the switch until 1003 answers", async (t) => {
  const { exchange, caller, at } = await open(t);
  const call = await caller.call("6");
  await call.voice.hears(SNIPPETS.ringing);
  const rung = await talks(call, at["1003"]);
  await call.voice.hearsNo(SNIPPETS.ringing);
  await call.hangup();
  await rung.ended();
  await exchange.endsClean(t);
});

t.test("7: answered, and hung up by the script", async (t) => {
  const { exchange, caller } = await open(t);
  const call = await caller.call("7");
  await call.answered();
  await call.ended();
  await exchange.endsClean(t);
});

t.test("8: as 6, and the script hangs the child up: the caller, too, is hung up", async (t) => {
  const { exchange, caller, at } = await open(t);
  const call = await caller.call("8");
  await call.voice.hears(SNIPPETS.ringing);
  const rung = await at["1003"].rung();
  rung.answer();
  await rung.ended();
  await call.ended();
  await exchange.endsClean(t);
});

t.test("9: 1003 and 1001 ring, the first to answer has the call", async (t) => {
  const { exchange, caller, at } = await open(t);
  const call = await caller.call("9");
  const loser = await at["1003"].rung();
  loser.ring();
  const winner = await talks(call, at["1001"]);
  await loser.ended();
  t.notOk(call.hasEnded, "the loser's end is not the caller's");
  await winner.hangup();
  await call.ended();
  await exchange.endsClean(t);
});
