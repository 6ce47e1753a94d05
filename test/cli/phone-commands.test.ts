/** `mediaswitch call` and `mediaswitch register` against a whole switch: what they print, and their exit codes. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import t, { type Test } from "tap";
import { output } from "../../ts/cli/output.js";
import { callCommand, type CallFlags } from "../../ts/cli/commands/call.js";
import { registerCommand, type RegisterFlags } from "../../ts/cli/commands/register.js";
import { answerCalls } from "../../ts/phone/answer-calls.js";
import { DOMAIN, openPhoneBench, passwordOf, PATIENT } from "../phone/support/phone-bench.js";

const bench = await openPhoneBench(t);
const caller = ["--from", `1003@${DOMAIN}`, "--server", bench.server];
const known = [...caller, "--password", passwordOf("1003")];

interface Ran {
  readonly code: number | string | undefined;
  readonly out: string;
}

/** Runs a command in this process. */
async function run(t: Test, command: Command, args: readonly string[]): Promise<Ran> {
  const out = t.capture(output, "write");
  const err = t.capture(process.stderr, "write", () => true);
  process.exitCode = undefined;
  try {
    await command.exitOverride().parseAsync([...args], { from: "user" });
  } finally {
    out.restore();
    err.restore();
  }
  const code = process.exitCode;
  process.exitCode = undefined;
  return {
    code,
    out: out()
      .map(({ args: [text] }) => text)
      .join(""),
  };
}

t.test("call: what was heard and said, keys and a recording; exit code 0", async (t) => {
  const ben = await bench.phone(t, "1001");
  await ben.register(PATIENT);
  const stop = new AbortController();
  const heard = new Promise<string>((resolve) => {
    void answerCalls(ben, {
      signal: stop.signal,
      answered: async (leg) => {
        await leg.ended(PATIENT);
        resolve(leg.keys);
      },
    });
  });
  const file = join(t.testdir(), "heard.wav");
  const args = ["1001", ...known, "--seconds", "2", "--dtmf", "5#", "--record", file, "--codec", "722"];
  const { code, out } = await run(t, callCommand(), args);
  t.equal(code, 0);
  t.match(out, /^call +sip:1001@phones\.invalid: answered \(200 OK\)\n/);
  t.match(out, /^answer +after \d+\.\d\d s, [2-9]\.\d s long, ended by us$/m);
  t.match(out, /^codec +722, audio to 127\.0\.0\.1:\d+$/m);
  t.match(out, /^heard +\d+ packets, loss \d+\.\d %, jitter \d+\.\d ms, MOS \d\.\d\d$/m);
  t.match(out, new RegExp(`^file +${file}$`, "m"));
  t.ok(existsSync(file));
  t.equal(await heard, "5#");
  stop.abort();
});

t.test("call: each way not to be answered has its exit code and its words", async (t) => {
  const ben = await bench.phone(t, "1001");
  await ben.register(PATIENT);
  type Row = [args: readonly string[], code: number, status: number | undefined, why: RegExp];
  const rows: Row[] = [
    [["1999", ...known], 3, 404, /no such number/],
    [["700", ...known], 3, 486, /busy/],
    [["1001", ...caller, "--password", "guessed"], 3, 401, /password/],
    [["1002", ...known], 4, 480, /no phone is registered/],
    [["1001", ...known, "--ring-seconds", "1"], 4, undefined, /it rang, and nobody picked up/],
    [["sip:1@127.0.0.1:9", "--ring-seconds", "1"], 5, undefined, /did not say a word/],
    [["1@nowhere.invalid"], 5, undefined, /no address that can be reached/],
  ];
  for (const [args, code, status, why] of rows) {
    const ran = await run(t, callCommand(), [...args, "--json"]);
    const report = JSON.parse(ran.out) as { status?: number; why: string };
    t.same([ran.code, report.status], [code, status], args.join(" "));
    t.match(report.why, why);
  }
});

t.test("call: what makes no sense is said before anything is sent", async (t) => {
  await t.rejects(run(t, callCommand(), ["1001"]), { message: /name the server with --server host:port/ });
  await t.rejects(run(t, callCommand(), ["1001", ...known, "--play", "nothing.wav"]), {
    code: "ARGUMENT_INVALID",
    message: /nothing\.wav: there is no such file, and it is no tone/,
  });
  await t.rejects(run(t, callCommand(), ["a@b", "--codec", "opus"]), { message: /"opus" is no codec/ });
  await t.rejects(run(t, callCommand(), ["a@b", "--dtmf", "12x"]), { message: /expected up to 64 keys/ });
});

t.test("register: tries a password; refused: exit code 3, nobody there: 5", async (t) => {
  const aor = `1002@${DOMAIN}`;
  const at = ["--server", `${bench.server};transport=tcp`];
  const good = await run(t, registerCommand(), [
    aor,
    ...at,
    "--password",
    passwordOf("1002"),
    "--expires",
    "90",
  ]);
  t.equal(good.code, undefined);
  t.equal(
    good.out,
    `sip:${aor} is registered at ${bench.server} over TCP, for 90 s at a time\nsip:${aor} is registered no more\n`,
  );
  const bad = await run(t, registerCommand(), [aor, ...at, "--password", "guessed", "--json"]);
  t.equal(bad.code, 3);
  t.match(JSON.parse(bad.out), { type: "failed", code: "REGISTRATION_REFUSED", why: /401 Unauthorized/ });
  const nowhere = await run(t, registerCommand(), ["1002@nowhere.invalid", "--json"]);
  t.equal(nowhere.code, 5);
});

t.test("register --answer: callers hear themselves, and each call is told of", async (t) => {
  const anna = await bench.phone(t, "1000");
  const args = [`1002@${DOMAIN}`, "--server", bench.server, "--password", passwordOf("1002")];
  const called = (async () => {
    for (;;) {
      const leg = await anna.call("1002");
      // Not registered yet: 480.
      if (
        !(await leg.answered(PATIENT).then(
          () => true,
          () => false,
        ))
      )
        continue;
      await leg.press("9");
      await leg.hearsKeys("9", PATIENT);
      return leg.hangup(PATIENT);
    }
  })();
  const { out } = await run(t, registerCommand(), [...args, "--answer", "--seconds", "4", "--json"]);
  await called;
  const events = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; keys?: string });
  t.same(
    events.map(({ type }) => type),
    ["registered", "answered", "ended", "unregistered"],
  );
  t.equal(events[2]?.keys, "9");
});

t.test("flags are read as they are meant", async (t) => {
  let call: CallFlags | undefined;
  const line = ["a@b", "--codec", "722,pcma", "--seconds", "0", "--ring-seconds", "7"];
  await run(
    t,
    callCommand(async (_uri, options) => void (call = options)),
    line,
  );
  t.match(call, { codec: ["722", "pcma"], seconds: 0, ringSeconds: 7, play: "tone" });
  let register: RegisterFlags | undefined;
  await run(
    t,
    registerCommand(async (_aor, options) => void (register = options)),
    ["a@b", "--answer"],
  );
  t.same(register, { answer: true });
});
