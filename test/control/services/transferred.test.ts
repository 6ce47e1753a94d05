/** A phone puts somebody else into its place (attended transfer): what a script does with that call goes on with the other. */
import t from "tap";
import type { ActiveCall } from "../../../ts/control/app/active-call.js";
import type { App } from "../../../ts/control/app/app.js";
import type { Phone, TestPbxOptions } from "../../../ts/testing/index.js";
import { openHouse, type House, type Outcome } from "./house.js";

interface Parties {
  readonly house: House;
  readonly alice: Phone;
  readonly desk: Phone;
  readonly carol: Phone;
}

/** Alice talks to the desk; other numbers are for `service`. */
async function open(
  service: (call: ActiveCall, app: App) => unknown,
  options: TestPbxOptions = {},
): Promise<Parties> {
  const house = await openHouse(async (call, app) => {
    if (call.to !== "1001") return service(call, app);
    const result = await call.dial("1001");
    if (result.outcome !== "answered") return result.outcome;
    return (await call.bridge(result.call)).ended;
  }, options);
  const { pbx } = house;
  const [alice, desk, carol] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1002")];
  alice.call("1001");
  await desk.rings();
  desk.answer();
  await alice.talks();
  return { house, alice, desk, carol };
}

/** The desk, who talks to alice, calls that number and has alice take its place there. */
async function consults(desk: Phone, number: string, there: () => Promise<void>): Promise<void> {
  const first = desk.current;
  if (first === undefined) throw new Error("the desk talks to nobody");
  desk.hold();
  const consultation = desk.call(number);
  await desk.talks();
  await there();
  desk.choose(first);
  desk.transfer(consultation);
}

const outcome = (house: House, user: string): Outcome => house.outcomes.get(user);

void t.test("into a conference: the desk is gone, alice is heard and hears", async (t) => {
  const seen: string[] = [];
  const { house, alice, desk, carol } = await open(async (call, app) => {
    void (async () => {
      for await (const event of call.events()) {
        if (event.type === "ended" || event.type === "replaced") seen.push(`${call.from} ${event.type}`);
      }
    })();
    const { outcome } = await call.conference("blue", {
      joined: (member) => seen.push(`${member.name} is in, ${String(app.calls.length)} calls`),
    });
    return outcome;
  });
  carol.call("900");
  await carol.talks();
  carol.speaks(350);
  await consults(desk, "900", () => desk.hears(350));
  t.equal(await desk.transfers(), 200);
  await alice.hears(350);
  alice.speaks(440);
  await carol.hears(440);
  await desk.ends();
  await house.pbx.advance(1);
  t.same(
    house.app.calls.map(({ from }) => from).sort(),
    ["1000", "1002"],
    "each is there once, and the desk no more",
  );
  const room = house.app.conference("blue");
  t.same(
    room.members.map(({ held, muted }) => ({ held, muted })),
    [
      { held: false, muted: false },
      { held: false, muted: false },
    ],
  );
  alice.hangup();
  await carol.stopsHearing(440);
  await house.pbx.advance(1);
  t.equal(room.members.length, 1);
  t.equal(outcome(house, "1000"), "CallEnded", "the handler of the desk's call ends with alice");
  carol.hangup();
  await house.closes(t);
  t.ok(seen.includes("1000 replaced"), seen.join(", "));
});

void t.test("into a queue: alice waits on, and talks to the agent", async (t) => {
  const { house, alice, desk, carol } = await open(
    (call) => call.queue("support", { music: { wav: "music.wav" } }),
    {
      sounds: { "music.wav": 60 },
    },
  );
  await consults(desk, "800", () => desk.hears("music.wav"));
  t.equal(await desk.transfers(), 200);
  await alice.hears("music.wav");
  house.app.queue("support").set({ wrapUp: 0 });
  house.app.queue("support").login("1002");
  await carol.rings();
  carol.answer();
  alice.speaks(440);
  await carol.hears(440);
  await alice.stopsHearing("music.wav");
  carol.hangup();
  await alice.ends();
  t.match(outcome(house, "1001"), { outcome: "answered", agent: "1002", ended: "agent" });
  house.app.queue("support").close();
  await house.closes(t);
});

void t.test(
  "into voicemail: what alice says is the message; keys and the end of a sound are hers, too",
  async (t) => {
    const { house, alice, desk } = await open(
      async (call) => {
        await call.answer();
        const { ended } = await call.play("long.wav");
        const { digits } = await call.gather({ count: 2 });
        const { outcome } = await call.voicemail("1002");
        return { ended, digits, outcome };
      },
      { sounds: { "long.wav": 8 } },
    );
    await consults(desk, "700", () => desk.hears("long.wav"));
    t.equal(await desk.transfers(), 200);
    await alice.hears("long.wav");
    await alice.hearsNothing({ within: 20 });
    alice.press("42");
    await house.pbx.advance(1);
    await house.pbx.advance(1);
    alice.speaks("call me");
    await house.pbx.advance(4);
    alice.press("#");
    await alice.ends();
    t.same(outcome(house, "1001"), { ended: "completed", digits: "42", outcome: "recorded" });
    const [message] = house.pbx.recordings;
    t.same([message?.sounds, message?.isFinished], [["call me"], true]);
    await house.closes(t);
  },
);
