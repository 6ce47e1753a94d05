/** Behaviours of a whole switch that no part of it shows by itself, with real telephones and audio. */
import t from "tap";
import type { Call } from "../../ts/control/call.js";
import type { ProjectControl } from "../../ts/control/projectcontrol.js";
import { directory, DOMAIN, Exchange } from "./support/exchange.js";

const tone = (hertz: number): { files: { tone: string }[]; loop: true } => ({
  files: [{ tone: `${String(hertz)}*0.3:1000` }],
  loop: true,
});

const dialling =
  (with_: (call: Call) => unknown = () => undefined) =>
  (projectcontrol: ProjectControl): void => {
    directory(projectcontrol);
    projectcontrol.onnewcall = (call) => {
      with_(call);
      call.newcall({ to: { user: call.destination } });
    };
  };

t.test(
  "key presses: the script hears each once, and the other telephone by its own payload type",
  async (t) => {
    const keys: string[] = [];
    const exchange = await Exchange.open(
      t,
      dialling((call) => {
        call.onkey = (_call, { key }) => keys.push(key);
      }),
    );
    const [caller, callee] = await Promise.all([exchange.phone("1000"), exchange.phone("1001")]);
    const call = await caller.call("1001");
    const rung = await callee.rung();
    rung.answer();
    await call.answered();
    await call.talksWith(rung);
    call.voice.press("7");
    await rung.voice.hearsKeys("7");
    call.voice.press("#");
    await rung.voice.hearsKeys("7#");
    t.strictSame(keys, ["7", "#"]);
    await call.talksWith(rung);
    await call.hangup();
    await rung.ended();
    await exchange.endsClean(t);
  },
);

t.test("hold: the held one hears music, and the other again afterwards; the connection stays", async (t) => {
  const exchange = await Exchange.open(t, (projectcontrol) => {
    dialling()(projectcontrol);
    projectcontrol.moh = tone(300);
  });
  const [caller, callee] = await Promise.all([exchange.phone("1000"), exchange.phone("1001")]);
  const call = await caller.call("1001");
  const rung = await callee.rung();
  rung.answer();
  await call.answered();
  await call.talksWith(rung);
  for (const direction of ["sendonly", "inactive"] as const) {
    await rung.hold(direction);
    await call.voice.hears(300);
    await rung.unhold();
    await call.talksWith(rung);
    await call.voice.hearsNo(300);
  }
  await rung.hangup();
  await call.ended();
  await exchange.endsClean(t);
});

t.test(
  "hang-up: the last child takes the caller along, one of two does not; a caller takes all",
  async (t) => {
    const exchange = await Exchange.open(t, (projectcontrol) => {
      directory(projectcontrol);
      projectcontrol.onnewcall = (call) => {
        call.newcall([{ to: { user: "1001" } }, { to: { user: "1003" } }]);
      };
    });
    const [caller, one, three] = await Promise.all([
      exchange.phone("1000"),
      exchange.phone("1001"),
      exchange.phone("1003"),
    ]);
    const first = await caller.call("9");
    (await one.rung()).refuse(486);
    const left = await three.rung();
    left.ring();
    await first.gets(180);
    left.refuse(486);
    await first.gets(480);
    const second = await caller.call("9");
    const [a, b] = [await one.rung(), await three.rung()];
    a.ring();
    b.ring();
    await second.gets(180);
    await second.hangup();
    t.ok(second.statuses.includes(487), "CANCEL yields 487");
    await Promise.all([a.ended(), b.ended()]);
    await exchange.endsClean(t);
  },
);

t.test("a script that throws ends its own call alone", async (t) => {
  const exchange = await Exchange.open(
    t,
    dialling((call) => {
      if (call.destination === "1003") throw new Error("a mistake in the script");
    }),
  );
  const [caller, callee] = await Promise.all([exchange.phone("1000"), exchange.phone("1001")]);
  const call = await caller.call("1001");
  const rung = await callee.rung();
  rung.answer();
  await call.answered();
  const broken = await caller.call("1003");
  await broken.gets(500);
  await call.talksWith(rung);
  await call.hangup();
  await rung.ended();
  await exchange.endsClean(t, [/a mistake in the script/]);
});

t.test("three hear each other: mix with a third; who leaves parts nobody else", async (t) => {
  const seen: Call[] = [];
  const exchange = await Exchange.open(t, (projectcontrol) => {
    directory(projectcontrol);
    projectcontrol.onnewcall = (call) => {
      const [first] = seen;
      seen.push(call);
      call.onanswer = () => {
        if (first === undefined) return;
        first.link(call);
        void call.mix();
      };
      void call.answer();
    };
  });
  const phones = await Promise.all([exchange.phone("1000"), exchange.phone("1001"), exchange.phone("1003")]);
  const calls = [];
  for (const phone of phones) {
    const call = await phone.call("room");
    await call.answered();
    calls.push(call);
  }
  const [a, b, c] = calls;
  if (a === undefined || b === undefined || c === undefined) throw new Error("three calls");
  await Promise.all([a.talksWith(b), a.talksWith(c), b.talksWith(c)]);
  await c.hangup();
  await a.voice.hearsNo(600);
  await a.talksWith(b);
  await a.hangup();
  await b.ended();
  await exchange.endsClean(t);
});

t.test("a registration is refused without the right password, and told when there is one", async (t) => {
  const told: unknown[] = [];
  const exchange = await Exchange.open(t, (projectcontrol) => {
    void projectcontrol.directory(DOMAIN, [{ username: "1000", secret: "another one" }]);
    projectcontrol.onreg = ({ user }) => told.push(user);
  });
  const phone = await exchange.stranger("1000");
  await t.rejects(phone.register(), /REGISTER got 401/);
  void exchange.projectcontrol.directory(DOMAIN, [{ username: "1000", secret: "1123654789" }]);
  await phone.register();
  t.strictSame(told, ["1000"]);
});
