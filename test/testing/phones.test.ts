/** What the kit's phones can do, each beside a script of a few lines. */
import t from "tap";
import type { Faces, TestPbxOptions } from "../../ts/testing/index.js";
import { testPbx } from "../../ts/testing/index.js";

const DIRECTORY = ["1000", "1001", "1002"].map((username) => ({ username, secret: `secret ${username}` }));

function dialling({ app }: Faces): void {
  void app.directory("example.org", DIRECTORY);
  app.oncall(async (call) => {
    const result = await call.dial(call.to);
    if (result.outcome === "answered") await call.bridge(result.call, { music: "music.wav" });
    else await call.hangup(result.cause);
  });
}

/** Alice talks to bob. */
async function talking(options: TestPbxOptions = {}) {
  const pbx = await testPbx(dialling, options);
  const [alice, bob] = [await pbx.phone("1000"), await pbx.phone("1001")];
  alice.call("1001");
  await bob.rings();
  bob.answer();
  await alice.talks();
  return { pbx, alice, bob };
}

t.test("a caller gives up: the callee stops ringing", async (t) => {
  const pbx = await testPbx(dialling);
  const [alice, bob] = [await pbx.phone("1000"), await pbx.phone("1001")];
  alice.call("1001");
  await bob.rings();
  await pbx.advance(5);
  alice.hangup();
  const call = await bob.ends();
  t.same([call.status, call.endedBy], [487, "switch"]);
  t.same((await alice.ends()).finals, [487]);
  await pbx.close();
});

t.test("hold and back: nobody hears the holder, and music plays meanwhile", async (t) => {
  const { pbx, alice, bob } = await talking();
  alice.speaks(440);
  bob.speaks(350);
  await bob.hears(440);
  await alice.hears(350);
  alice.hold();
  await bob.stopsHearing(440);
  t.same(alice.hearing, [], "who holds hears nothing");
  alice.unhold();
  await bob.hears(440);
  await alice.hears(350);
  await pbx.close();
});

t.test("attended transfer: the two who are left talk", async (t) => {
  const { pbx, alice, bob } = await talking();
  const carol = await pbx.phone("1002");
  const [first] = bob.calls;
  bob.hold();
  await pbx.advance(1);
  const second = bob.call("1002");
  await carol.rings();
  carol.answer();
  await bob.talks();
  if (first === undefined) throw new Error("bob has no first call");
  bob.choose(first);
  bob.transfer(second);
  t.equal(await bob.transfers(), 200);
  alice.speaks(440);
  await carol.hears(440);
  await bob.ends({ call: second, within: 5 });
  await pbx.close();
});

t.test("keys by INFO and text reach the script; its keys and text reach the phone", async (t) => {
  const told: string[] = [];
  const pbx = await testPbx(({ app }) => {
    app.oncall(async (call) => {
      await call.answer();
      await call.sendKeys("42");
      await call.message("welcome");
      for await (const event of call.events()) {
        if (event.type === "key") told.push(`${event.key} by ${event.source}`);
        if (event.type === "message") told.push(event.message.body);
      }
    });
  });
  const alice = await pbx.phone("1000");
  alice.call("100");
  await alice.hearsKeys("42");
  await pbx.until(() => alice.current?.messages[0] === "welcome", "the text did not come");
  alice.press("7");
  await pbx.advance(1);
  alice.pressByInfo("8");
  alice.message("thanks");
  await pbx.advance(1);
  t.same(told, ["7 by telephone-event", "8 by info", "thanks"]);
  await pbx.close();
});

t.test("a wrong secret is refused, with the ladder", async (t) => {
  const pbx = await testPbx(dialling);
  await t.rejects(pbx.phone("1000", { secret: "wrong" }), /1000 could not register: 40[13]\n[^]*REGISTER/);
  await t.rejects(pbx.phone("9999"), /the script has no user 9999; it has 1000, 1001, 1002/);
  await pbx.close();
});

t.test("a gateway is a phone at its host name: calls go out by it and come in from it", async () => {
  const pbx = await testPbx(({ app }) => {
    void app.directory("example.org", DIRECTORY);
    void app.gateway("carrier", {
      from: { user: "4930555", domain: "carrier.example" },
      to: { domain: "carrier.example" },
      register: false,
      domain: "example.org",
    });
    app.allow({ to: /^\d+$/, gateway: "carrier" });
    app.oncall(async (call) => {
      const target = call.gateway === undefined ? { user: call.to, gateway: "carrier" } : "1000";
      const result = await call.dial(target);
      if (result.outcome === "answered") await call.bridge(result.call);
    });
  });
  const carrier = pbx.outsider("4989123", { host: "carrier.example" });
  const alice = await pbx.phone("1000");
  alice.call("4989123");
  await carrier.rings();
  carrier.answer();
  carrier.speaks("servus");
  await alice.hears("servus");
  alice.hangup();
  await carrier.ends();
  carrier.call("4930555");
  await alice.rings();
  alice.answer();
  await carrier.talks();
  await pbx.close();
});

t.test("verbs that make no sense say so", async (t) => {
  const { pbx, alice, bob } = await talking();
  t.throws(() => alice.answer(), /1000 can't answer: it has no call/);
  alice.hangup();
  await bob.ends();
  t.throws(() => bob.press("1"), /1001 can't press keys: it has no call/);
  await t.rejects(bob.transfers(), /1001 has transferred nobody/);
  await pbx.close();
});

t.test(
  "trouble in the middle of a call: it is held and taken back all the same, at twenty seeds",
  async (t) => {
    for (let seed = 1; seed <= 20; seed++) {
      const { pbx, alice, bob } = await talking({ seed });
      pbx.trouble({ loss: 0.3, duplicate: 0.3, delay: 20, jitter: 50 });
      alice.speaks(440);
      await bob.hears(440);
      alice.hold();
      await bob.stopsHearing(440);
      alice.unhold();
      await bob.hears(440);
      bob.hangup();
      await alice.ends();
      pbx.trouble({});
      await pbx.close();
    }
    t.pass("nothing stood still");
  },
);
