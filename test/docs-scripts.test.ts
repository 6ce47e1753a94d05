/** The call scripts that the guides show are run, on the testing kit: a caller gets what the text says. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import t, { type Test } from "tap";
import type { ActiveCall } from "../ts/control/app/active-call.js";
import type { Call } from "../ts/control/call.js";
import { eventually } from "./interop/support/eventually.js";
import { testPbx, type TestPbx } from "../ts/testing/index.js";

const root = new URL("..", import.meta.url);
const GUIDES = ["docs/quick-start.md", "docs/guide-calls.md", "docs/guide-services.md"];
t.setTimeout(180_000);

const USERS = ["1000", "1001", "1002", "1003"];

/** What scripts print is not of interest here. */
console.log = () => undefined;

interface Shown {
  readonly document: string;
  readonly text: string;
}

/** Whole scripts: those that take calls. */
const scripts: readonly Shown[] = GUIDES.flatMap((document) =>
  [...readFileSync(new URL(document, root), "utf8").matchAll(/^```ts\n([\s\S]*?)^```/gm)]
    .map(([, text = ""]) => ({ document, text }))
    .filter(({ text }) => text.includes("app.oncall(")),
);

/** Guides leave out who has a phone. */
const DIRECTORY = `import { app as switchboard } from "mediaswitch";
void switchboard.directory("example.org", ${JSON.stringify(
  USERS.map((username) => ({ username, secret: "plum-river-42" })),
)});
`;

const tested = new Set<Shown>();

interface Running {
  readonly pbx: TestPbx;
  /** Where the script keeps what it writes. */
  readonly folder: string;
}

/** The script in which these words stand. */
async function running(t: Test, document: string, words: string): Promise<Running> {
  const found = scripts.filter((each) => each.document === document && each.text.includes(words));
  const [shown] = found;
  if (shown === undefined || found.length > 1)
    throw new Error(`${String(found.length)} scripts have ${words}`);
  tested.add(shown);
  const folder = t.testdir({});
  const file = join(folder, "script.ts");
  const text = shown.text.replace("./recordings", folder);
  writeFileSync(file, text.includes("app.directory(") ? text : DIRECTORY + text);
  const pbx = await testPbx(pathToFileURL(file));
  t.teardown(() => pbx.abandon());
  return { pbx, folder };
}

const script = (
  document: string,
  words: string,
  act: (t: Test, pbx: TestPbx, folder: string) => Promise<unknown>,
  errors: readonly RegExp[] = [],
): void => {
  void t.test(`a script of ${document}: ${words}`, async (t) => {
    const { pbx, folder } = await running(t, document, words);
    await act(t, pbx, folder);
    await pbx.close();
    t.equal(pbx.log.errors.length, errors.length, pbx.log.errors.join("; "));
    t.match(pbx.log.errors, errors);
  });
};

script("docs/quick-start.md", 'prompt: "welcome.wav", count: 1', async (_t, pbx) => {
  const [anne, ben] = [await pbx.phone("1001"), await pbx.phone("1002")];
  anne.call("5");
  await anne.hears("welcome.wav");
  anne.press("2");
  await ben.rings();
  ben.answer();
  anne.speaks(440);
  await ben.hears(440);
  ben.hangup();
  await anne.ends();
});

script("docs/guide-calls.md", "await call.dial(call.to)", async (t, pbx) => {
  const [anne, ben] = [await pbx.phone("1000"), await pbx.phone("1001")];
  anne.call("1001");
  await ben.rings();
  ben.answer();
  ben.speaks(440);
  await anne.hears(440);
  anne.hangup();
  await ben.ends();
  anne.call("4711");
  t.equal((await anne.ends()).status, 404);
});

script("docs/guide-calls.md", "left early", async (t, pbx) => {
  const anne = await pbx.phone("1000");
  const reported: Call[] = [];
  pbx.projectcontrol.onreporting = (call) => reported.push(call);
  anne.call("1");
  await anne.hears("welcome.wav");
  anne.hangup();
  await anne.ends();
  await pbx.advance(1);
  const notes = reported.flatMap(({ history }) => history.map(({ what }) => what));
  t.ok(notes.includes("left early: them, normal"), notes.join(", "));
});

script("docs/guide-calls.md", "enter-your-pin.wav", async (_t, pbx) => {
  const anne = await pbx.phone("1000");
  anne.call("1");
  await anne.hears("welcome.wav");
  await anne.hears("enter-your-pin.wav");
  anne.press("102#");
  await anne.hears("digits/1.wav");
  await anne.hears("digits/0.wav");
  await anne.hears("digits/2.wav");
  await anne.ends();
  anne.call("1");
  await anne.hears("enter-your-pin.wav");
  await anne.ends();
});

script("docs/guide-calls.md", "Front desk", async (_t, pbx) => {
  const [anne, first] = [await pbx.phone("1000"), await pbx.phone("1001")];
  const [second, third] = [await pbx.phone("1002"), await pbx.phone("1003")];
  first.refuses = 486;
  second.refuses = 486;
  anne.call("1");
  await third.rings();
  third.answer();
  anne.speaks(440);
  await third.hears(440);
  third.hangup();
  await anne.hears("goodbye.wav");
  await anne.ends();
  third.refuses = 486;
  anne.call("1");
  await anne.hears("try-again-later.wav");
  await anne.ends();
});

script(
  "docs/guide-calls.md",
  'app.gateway("trunk"',
  async (t, pbx) => {
    const trunk = pbx.outsider("030123456", { host: "sip.example.net" });
    const anne = await pbx.phone("1000");
    anne.call("030123456");
    await trunk.rings();
    trunk.answer();
    trunk.speaks(440);
    await anne.hears(440);
    anne.hangup();
    await trunk.ends();
    anne.call("12");
    t.ok(((await anne.ends()).status ?? 0) >= 400, "no rule lets it go out");
  },
  [/no rule of app.allow/],
);

script("docs/guide-calls.md", "which-extension.wav", async (_t, pbx) => {
  const [anne, ben] = [await pbx.phone("1000"), await pbx.phone("1001")];
  anne.call("1");
  await anne.hears("which-extension.wav");
  anne.press("1001");
  await ben.rings();
  await anne.hears("ringing.wav");
  ben.answer();
  anne.speaks(440);
  await ben.hears(440);
  anne.hangup();
  await ben.ends();
  ben.refuses = 486;
  anne.call("1");
  await anne.hears("which-extension.wav");
  anne.press("1001");
  await anne.hears("nobody-there.wav");
  await anne.ends();
});

script("docs/guide-calls.md", "a card number is told", async (t, pbx) => {
  const [anne, ben] = [await pbx.phone("1000"), await pbx.phone("1001")];
  anne.call("1");
  await anne.talks();
  anne.speaks("my order");
  await pbx.advance(11);
  anne.speaks("card number");
  anne.press("4111111111111111");
  await ben.rings();
  ben.answer();
  anne.speaks("thank you");
  await ben.hears("thank you");
  await pbx.advance(1);
  ben.hangup();
  await anne.ends();
  await pbx.advance(1);
  const [recording] = pbx.recordings;
  t.match(recording?.file, /^calls\/.*\.wav$/);
  t.ok(recording?.sounds.includes("my order") === true && recording.sounds.includes("thank you"));
  t.equal(recording?.isFinished, true);
});

script("docs/guide-calls.md", 'sendKeys("123#")', async (_t, pbx) => {
  const anne = await pbx.phone("1000");
  anne.call("1");
  await anne.hears("music.wav");
  anne.press("0");
  await anne.hearsKeys("123#");
  anne.press("*");
  await anne.ends();
  anne.call("1");
  await anne.hears("music.wav");
  await anne.ends({ within: 61 });
});

script("docs/guide-calls.md", "what is heard is said", async (_t, pbx) => {
  const anne = await pbx.phone("1000");
  anne.call("1");
  await anne.talks();
  anne.speaks(440);
  await anne.hears(440);
  anne.hangup();
  await anne.ends();
});

script("docs/guide-services.md", 'call.conference("blue"', async (t, pbx) => {
  const [anne, ben, carl] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1002")];
  for (const [phone, pin] of [
    [anne, "9876#"],
    [ben, "1234#"],
  ] as const) {
    phone.call("1");
    await phone.hears("pin.wav");
    phone.press(pin);
    await pbx.advance(3);
  }
  anne.speaks(440);
  await ben.hears(440);
  carl.call("1");
  for (let attempt = 0; attempt < 3; attempt++) {
    await carl.hears("pin.wav");
    carl.press("5555#");
    await carl.hears("wrong.wav");
  }
  await carl.ends();
  anne.hangup();
  t.equal((await ben.ends()).endedBy, "switch", "the room ends with its last moderator");
});

script("docs/guide-services.md", 'call.queue("sales"', async (_t, pbx) => {
  const [agent, anne, ben] = [await pbx.phone("1000"), await pbx.phone("1002"), await pbx.phone("1003")];
  anne.call("1");
  await agent.rings();
  ben.call("1");
  await ben.hears("you-are-number.wav");
  await ben.hears("music.wav");
  agent.answer();
  anne.speaks(440);
  await agent.hears(440);
  ben.press("*");
  await ben.ends();
  agent.hangup();
  await anne.ends();
});

script("docs/guide-services.md", "call.park(", async (_t, pbx) => {
  const [desk, anne, ben] = [await pbx.phone("1000"), await pbx.phone("1002"), await pbx.phone("1003")];
  anne.call("park");
  await anne.hears("music.wav");
  ben.call("701");
  anne.speaks(440);
  await ben.hears(440);
  anne.hangup();
  await ben.ends();
  anne.call("office");
  await desk.rings();
  ben.call("*8");
  await ben.talks();
  anne.speaks(440);
  await ben.hears(440);
  ben.hangup();
  await anne.ends();
});

script("docs/guide-services.md", "app.mailboxes", async (t, pbx, folder) => {
  const [anne, ben] = [await pbx.phone("1000"), await pbx.phone("1001")];
  anne.call("1001");
  await ben.rings();
  await ben.ends();
  // The mailbox is on a real disk, for which virtual time does not wait.
  await eventually(
    5_000,
    async () => {
      await pbx.advance(0.01);
      return anne.hearing;
    },
    (hearing) => hearing.includes("leave-a-message.wav"),
  );
  await anne.hears("leave-a-message.wav");
  await anne.stopsHearing("leave-a-message.wav");
  await pbx.advance(1);
  anne.speaks("call me back");
  await pbx.advance(4);
  anne.hangup();
  await anne.ends();
  const files = async (): Promise<readonly string[]> => {
    await pbx.advance(0.1);
    return readdirSync(folder, { recursive: true }).map(String);
  };
  const kept = await eventually(5_000, files, (names) => names.some((name) => name.endsWith(".json")));
  t.ok(
    kept.some((name) => name.endsWith(".json")),
    kept.join(", "),
  );
  await pbx.advance(5);
  t.ok(pbx.recordings[0]?.sounds.includes("call me back"));
});

script("docs/guide-services.md", "call.supervise(agent", async (_t, pbx) => {
  const [chief, agent] = [await pbx.phone("1000"), await pbx.phone("1001")];
  const customer = await pbx.phone("1002");
  const answered: ActiveCall[] = [];
  for (const [phone, target] of [
    [agent, "1001@example.org"],
    [customer, "1002@example.org"],
  ] as const) {
    void pbx.app.call(target).then((called) => called.outcome === "answered" && answered.push(called.call));
    await phone.rings();
    phone.answer();
    await phone.talks();
  }
  await pbx.until(() => answered.length === 2, "two calls");
  const [one, two] = answered;
  if (one === undefined || two === undefined) throw new Error("two calls");
  void one.bridge(two).then(() => one.hangup());
  customer.speaks("customer");
  await agent.hears("customer");
  chief.call("1");
  await chief.hears("customer");
  chief.speaks("chief");
  chief.press("2");
  await agent.hears("chief");
  chief.press("3");
  await customer.hears("chief");
  chief.hangup();
  await chief.ends();
  customer.hangup();
  await agent.ends();
});

void t.test("every script that is shown whole is run", async (t) => {
  t.ok(scripts.length > 10);
  t.same(
    scripts.filter((each) => !tested.has(each)).map(({ document, text }) => `${document}\n${text}`),
    [],
  );
});

void t.test("the test that docs/testing.md shows passes", async (t) => {
  const [, text = ""] =
    /^```ts\n([\s\S]*?)^```/m.exec(readFileSync(new URL("docs/testing.md", root), "utf8")) ?? [];
  const file = join(t.testdir({}), "shown.ts");
  const kit = new URL("ts/testing/index.ts", root).href;
  writeFileSync(file, text.replace('"mediaswitch/testing"', JSON.stringify(kit)));
  await import(pathToFileURL(file).href);
  t.match(text, /await pbx\.close\(\)/);
});
