/** Time in the testing kit: long calls, chance that repeats, trouble on the network, clocks of the script. */
import t from "tap";
import type { ProjectControl } from "../../ts/control/projectcontrol.js";
import { testPbx, type TestPbx, type TestPbxOptions } from "../../ts/testing/index.js";

const DIRECTORY = [
  { username: "1000", secret: "one" },
  { username: "1001", secret: "two" },
];

function dialling({ projectcontrol }: { projectcontrol: ProjectControl }): void {
  void projectcontrol.directory("example.org", DIRECTORY);
  projectcontrol.onnewcall = (call) => {
    call.newcall({ to: { user: call.destination } });
  };
}

/** A call from end to end. */
async function oneCall(options: TestPbxOptions): Promise<TestPbx> {
  const pbx = await testPbx(dialling, options);
  const alice = await pbx.phone("1000");
  const bob = await pbx.phone("1001");
  alice.call("1001");
  await bob.rings();
  bob.answer();
  await alice.talks();
  bob.speaks(350);
  await alice.hears(350);
  await pbx.advance(10);
  bob.hangup();
  await alice.ends();
  await pbx.close();
  return pbx;
}

t.test("a call of 24 hours takes no time, and both registrations are kept alive", async (t) => {
  const pbx = await testPbx(dialling);
  const alice = await pbx.phone("1000");
  const bob = await pbx.phone("1001");
  alice.call("1001");
  await bob.rings();
  bob.answer();
  await alice.talks();
  await pbx.advance(24 * 3600);
  t.equal(pbx.left.calls, 2, "both legs are still there");
  t.ok(alice.isRegistered && bob.isRegistered);
  t.ok(
    pbx.trace.filter((row) => row.includes("REGISTER sip:")).length > 50,
    "they registered again and again",
  );
  bob.speaks(350);
  await alice.hears(350);
  alice.hangup();
  await bob.ends();
  await pbx.close();
});

t.test("the same seed gives the same trace, another seed another one", async (t) => {
  const network = { loss: 0.1, duplicate: 0.1, delay: 20, jitter: 30, reorder: 0.1 };
  const [one, again, other] = [
    await oneCall({ seed: 7, network }),
    await oneCall({ seed: 7, network }),
    await oneCall({ seed: 8, network }),
  ];
  t.ok(one.trace.length > 10);
  t.same(one.trace, again.trace);
  t.notSame(one.trace, other.trace);
});

t.test("a call gets through whatever the network does, at thirty seeds", async (t) => {
  let retransmissions = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const pbx = await oneCall({
      seed,
      network: { loss: 0.2, duplicate: 0.2, delay: 10, jitter: 40, reorder: 0.2 },
    });
    t.same(pbx.left, { calls: 0, channels: 0 }, `seed ${seed}`);
    retransmissions += pbx.trace.filter((row) => /^\d+ lost$/m.test(row)).length;
  }
  t.ok(retransmissions > 100, `${retransmissions} messages were lost`);
});

t.test("what never happens is told with the ladder, the moment marked", async (t) => {
  const pbx = await testPbx(({ projectcontrol }) => {
    void projectcontrol.directory("example.org", DIRECTORY);
    projectcontrol.onnewcall = (call) => void call.busy();
  });
  const alice = await pbx.phone("1000");
  const bob = await pbx.phone("1001");
  alice.call("1001");
  const error = await bob.rings({ within: 5 }).then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  t.match(error?.message, /^1001 did not ring within 5 s\n/);
  t.match(error?.message, /ms +1000 +switch +1001/, "the head has a column for each");
  t.match(error?.message, /│◀─+ 486 Busy here ─+│/);
  t.match(error?.message, /\n>> +5000 {2}1001 did not ring within 5 s/);
  await pbx.close();
});

t.test(
  "the script's clocks are the test's: Date, setInterval, AbortSignal.timeout; ours are not",
  async (t) => {
    const told: string[] = [];
    const pbx = await testPbx(
      ({ projectcontrol }) => {
        projectcontrol.onnewcall = (call) => {
          told.push(new Date().toISOString());
          let beats = 0;
          // eslint-disable-next-line no-restricted-globals -- a script's own timers are what is tested
          const heart = setInterval(() => {
            beats += 1;
            told.push(`beat ${new Date().getSeconds()}`);
            if (beats === 2) clearInterval(heart);
          }, 15_000);
          AbortSignal.timeout(40_000).addEventListener("abort", () => {
            told.push(`abort ${Date.now()}`);
            void call.hangup();
          });
          // eslint-disable-next-line no-restricted-globals -- as above
          const never = setTimeout(() => told.push("never"), 10_000);
          clearTimeout(never);
          void call.answer();
        };
      },
      { startsAt: "2026-12-24T18:00:00Z" },
    );
    const alice = await pbx.phone("1000");
    alice.call("x");
    await alice.ends();
    t.same(told, [
      "2026-12-24T18:00:00.000Z",
      "beat 15",
      "beat 30",
      `abort ${Date.UTC(2026, 11, 24, 18, 0, 40)}`,
    ]);
    t.ok(Math.abs(Date.now() - Date.UTC(2026, 11, 24, 18)) > 1000, "the test's own Date is the real one");
    t.ok(new Date() instanceof Date);
    await pbx.close();
  },
);

t.test("an error in a timer of the script is logged, and a failing wait shows it", async (t) => {
  const pbx = await testPbx(({ projectcontrol }) => {
    projectcontrol.onnewcall = (call) => {
      // eslint-disable-next-line no-restricted-globals -- as above
      setTimeout(() => {
        throw new Error("a mistake");
      }, 1000);
      void call.answer();
    };
  });
  const alice = await pbx.phone("1000");
  alice.call("x");
  await t.rejects(alice.ends({ within: 3 }), /a timer of the script failed: Error: a mistake/);
  await pbx.close();
});

t.test("a call that the script forgets is no leak; one that is stuck is", async (t) => {
  const pbx = await testPbx(({ projectcontrol }) => {
    projectcontrol.onnewcall = (call) => void call.answer();
  });
  const alice = await pbx.phone("1000");
  alice.call("x");
  await alice.talks();
  await pbx.close();
  t.same(pbx.left, { calls: 0, channels: 0 }, "close has hung it up");
});
