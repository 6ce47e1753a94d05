import t from "tap";
import { ms, seconds } from "../../ts/core/brand.js";
import { silentLog } from "../../ts/core/log.js";
import { Controller } from "../../ts/control/controller.js";
import { ProjectControl } from "../../ts/control/projectcontrol.js";
import { SipWatch } from "../../ts/control/sip-watch.js";
import { FakeMediaService } from "../support/fake-media-service.js";
import { FakeSipService } from "../support/fake-sip-service.js";
import { ManualClock } from "../support/manual-clock.js";
import { SeededRandom } from "../support/seeded-random.js";

const users = [{ username: "1000", secret: "s1" }];

function watched() {
  const sip = new FakeSipService();
  const clock = new ManualClock();
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (_: object, text: string) => void warnings.push(text) };
  const sipWatch = new SipWatch({ sip, clock, log, every: seconds(10) });
  const projectcontrol = new ProjectControl({
    log: silentLog,
    connect: () =>
      Promise.resolve({
        controller: new Controller({
          sip,
          media: new FakeMediaService(),
          clock,
          random: new SeededRandom(1),
          log: silentLog,
        }),
        sipWatch,
        close: () => Promise.resolve(),
      }),
  });
  const pushed = (): string[] => sip.commandsOf("directory.put").map(({ domain }) => domain);
  return { sip, clock, projectcontrol, pushed, warnings };
}

t.test("a restarted SIP side gets every domain again, by itself, at the next look", async (t) => {
  const { sip, clock, projectcontrol, pushed, warnings } = watched();
  await projectcontrol.directory("one.example", users);
  await projectcontrol.directory("two.example", users);
  await projectcontrol.run();
  await clock.advance(seconds(100));
  t.same(pushed(), ["one.example", "two.example"], "the same instance needs nothing");
  sip.instance = "second";
  await clock.advance(ms(9_999));
  t.equal(pushed().length, 2);
  await clock.advance(ms(1));
  t.same(pushed().slice(2), ["one.example", "two.example"]);
  t.equal(warnings.length, 1);
  await clock.advance(seconds(100));
  t.equal(pushed().length, 4, "once for each restart");
  sip.instance = "third";
  await clock.advance(seconds(10));
  t.equal(pushed().length, 6);
});

t.test("while it is down nothing is sent; what fails is tried again", async (t) => {
  const { sip, clock, projectcontrol, pushed } = watched();
  await projectcontrol.directory("one.example", users);
  await projectcontrol.run();
  sip.instance = "second";
  sip.failNext("health", "SIP_UNAVAILABLE");
  sip.failNext("health", "SIP_UNAVAILABLE");
  await clock.advance(seconds(20));
  t.equal(pushed().length, 1);
  sip.failNext("directory.put", "SIP_UNAVAILABLE");
  await clock.advance(seconds(10));
  t.equal(pushed().length, 2, "refused");
  await clock.advance(seconds(10));
  t.equal(pushed().length, 3, "and once more");
  await clock.advance(seconds(50));
  t.equal(pushed().length, 3);
});

t.test("stop ends the looking", async (t) => {
  const { sip, clock, projectcontrol, pushed } = watched();
  await projectcontrol.directory("one.example", users);
  await projectcontrol.run();
  await projectcontrol.stop();
  t.equal(clock.pendingTimers, 0);
  sip.instance = "second";
  await clock.advance(seconds(100));
  t.equal(pushed().length, 1);
});

t.test("a SIP side that tells no instance is never taken for restarted", async (t) => {
  const { sip, clock, projectcontrol, pushed } = watched();
  sip.instance = "";
  await projectcontrol.directory("one.example", users);
  await projectcontrol.run();
  await clock.advance(seconds(100));
  t.equal(pushed().length, 1);
});
