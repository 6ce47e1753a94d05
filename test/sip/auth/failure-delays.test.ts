import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import { FailureDelays } from "../../../ts/sip/auth/failure-delays.js";
import { sourceKey } from "../../../ts/sip/auth/source-key.js";
import { ManualClock } from "../../support/manual-clock.js";

function make(rows = 100): { clock: ManualClock; delays: FailureDelays } {
  const clock = new ManualClock();
  const delays = new FailureDelays({ clock, free: 3, first: seconds(1), longest: seconds(300), rows });
  return { clock, delays };
}

t.test("three are free, then the wait doubles up to the longest", (t) => {
  const { delays } = make();
  const waits = Array.from({ length: 14 }, () => {
    delays.failed("a");
    return delays.wait("a") / 1000;
  });
  t.strictSame(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  t.equal(delays.wait("b"), 0, "others do not wait");
  t.end();
});

t.test("the wait passes, and what is long past is forgotten", async (t) => {
  const { clock, delays } = make();
  for (let count = 0; count < 5; count += 1) delays.failed("a");
  await clock.advance(ms(1500));
  t.equal(delays.wait("a"), 500);
  await clock.advance(ms(500));
  t.equal(delays.wait("a"), 0);
  delays.failed("a");
  t.equal(delays.wait("a"), 4000, "but the next failure costs more");
  await clock.advance(seconds(900));
  t.equal(delays.failed("a"), false, "known for a quarter of an hour");
  await clock.advance(ms(900_001));
  t.equal(delays.failed("a"), true, "and then no more");
  t.equal(delays.wait("a"), 0);
});

t.test("success forgets", (t) => {
  const { delays } = make();
  for (let count = 0; count < 9; count += 1) delays.failed("a");
  delays.forget("a");
  t.equal(delays.wait("a"), 0);
  t.equal(delays.size, 0);
  t.end();
});

t.test("rows are bounded: who failed longest ago goes; and so are keys", (t) => {
  const { delays } = make(3);
  for (const key of ["a", "b", "c"]) for (let count = 0; count < 4; count += 1) delays.failed(key);
  delays.failed("a");
  delays.failed("d");
  t.equal(delays.size, 3);
  t.equal(delays.wait("b"), 0, "the oldest");
  t.ok(delays.wait("a") > 0 && delays.wait("c") > 0);
  const long = "x".repeat(100_000);
  for (let count = 0; count < 4; count += 1) delays.failed(`${long}1`);
  t.ok(delays.wait(`${long}1`) > 0);
  t.equal(delays.wait(`${long}2`), 0, "told apart to the end");
  t.end();
});

t.test("sources: an IPv4 address, of IPv6 the /64", (t) => {
  t.equal(sourceKey("192.0.2.7"), "192.0.2.7");
  t.equal(sourceKey("::ffff:192.0.2.7"), "192.0.2.7");
  t.equal(sourceKey("2001:db8:1:2:3:4:5:6"), sourceKey("2001:db8:1:2::1"));
  t.not(sourceKey("2001:db8:1:2::1"), sourceKey("2001:db8:1:3::1"));
  t.equal(sourceKey("no address"), "no address");
  t.end();
});
