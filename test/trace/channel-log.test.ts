/** What is noted of one channel. */
import t from "tap";
import { ms } from "../../ts/core/brand.js";
import type { ChannelStatistics } from "../../ts/rtp/media-service.js";
import { NO_PACKETS } from "../../ts/testing/fake-media-channel.js";
import { ChannelLog } from "../../ts/trace/channel-log.js";
import { ChannelLogs } from "../../ts/trace/channel-logs.js";
import { FakeMediaService } from "../support/fake-media-service.js";
import { ManualClock } from "../support/manual-clock.js";

const PLACE = { address: "192.0.2.100", port: 10_000 };
const FAR = {
  address: "192.168.1.5",
  port: 4000,
  formats: [{ payloadType: 8, format: "PCMA" as const }],
  telephoneEvent: 101,
};

t.test("where it sends to, what it heard first and from where, and a gap", (t) => {
  const log = new ChannelLog("uuid", PLACE, 1000);
  log.target(2000, FAR);
  const statistics: ChannelStatistics = {
    ...NO_PACKETS,
    dropped: { NotBridged: 3, UnknownSource: 0 },
    heard: {
      from: "203.0.113.7:4010",
      firstAgoMillis: 7000,
      lastAgoMillis: 20,
      longestGapMillis: 2500,
      longestGapAgoMillis: 1000,
    },
  };
  log.measure(10_000, statistics);
  t.match(log.channel, { uuid: "uuid", ...PLACE, codec: "PCMA", far: "192.168.1.5:4000" });
  t.match(log.moments, [
    { at: 1000, type: "opened", text: "channel opened at 192.0.2.100:10000" },
    { at: 2000, type: "target", text: "sends to 192.168.1.5:4000: PCMA, keys as 101" },
    { at: 3000, type: "first-packet", text: "first RTP, from 203.0.113.7:4010" },
    { at: 3000, type: "source-learnt" },
    { at: 6500, type: "gap", millis: 2500, text: "no RTP for 2.5 s" },
  ]);
  t.strictSame(log.samples[0]?.dropped, { NotBridged: 3 });
  log.measure(11_000, NO_PACKETS);
  t.equal(log.moments.filter(({ type }) => type === "first-packet").length, 1, "told once, as last known");
  t.end();
});

t.test("silence of now, or of the end, is told where something is to come", (t) => {
  const heard = (lastAgoMillis: number): ChannelStatistics => ({
    ...NO_PACKETS,
    heard: {
      from: "192.168.1.5:4000",
      firstAgoMillis: lastAgoMillis,
      lastAgoMillis,
      longestGapMillis: 0,
      longestGapAgoMillis: lastAgoMillis,
    },
  });
  const log = new ChannelLog("uuid", PLACE, 0);
  const gaps = (): unknown[] => log.moments.filter(({ type }) => type === "gap");
  log.target(0, FAR);
  log.measure(10_000, heard(999));
  t.strictSame(gaps(), [], "a moment is none");
  log.measure(20_000, heard(9000));
  t.match(gaps(), [{ at: 11_000, millis: 9000, text: "no RTP from here on, for 9.0 s" }]);
  log.direct(20_000, { recv: false });
  log.measure(30_000, heard(19_000));
  t.strictSame(gaps(), [], "told to take nothing");
  log.direct(30_000, {});
  log.measure(32_000, heard(21_000));
  t.match(gaps(), [{ at: 30_000, millis: 2000 }], "since it is to come again");
  log.target(32_000, { ...FAR, direction: { send: true, recv: false } });
  log.direct(32_000, { recv: true });
  log.measure(40_000, heard(29_000));
  t.strictSame(gaps(), [], "the far end is not to send");
  t.end();
});

t.test("what was not sent is in the sample, where there was some", (t) => {
  const log = new ChannelLog("uuid", PLACE, 0);
  log.measure(1, { ...NO_PACKETS, refused: {} });
  log.measure(2, { ...NO_PACKETS, refused: { SendFailed: 3 } });
  t.strictSame(
    log.samples.map(({ refused }) => refused),
    [undefined, { SendFailed: 3 }],
  );
  t.end();
});

t.test("a channel that lives on has no end of moments or samples", (t) => {
  const log = new ChannelLog("uuid", PLACE, 0);
  for (let at = 1; at <= 1000; at += 1) {
    log.measure(at, NO_PACKETS);
    log.target(at, { ...FAR, direction: { send: true, recv: false } });
  }
  t.ok(log.samples.length <= 120);
  t.ok(log.samples[0]!.at <= 20, "the beginning stays");
  t.equal(log.samples.at(-1)?.at, 1000);
  t.ok(log.moments.length <= 100);
  t.match(log.moments[1]?.text, /one way: we send only$/);
  t.end();
});

t.test("logs begin with their channel, and end with it where no call has it", async (t) => {
  const clock = new ManualClock();
  const logs = new ChannelLogs(clock);
  const inner = new FakeMediaService();
  const media = logs.watch(Object.assign(inner, {}));
  const seen: string[] = [];
  media.attach((event) => {
    seen.push(event.type);
    return Promise.resolve();
  });
  const { uuid } = await media.execute({ type: "open" });
  await media.execute({ type: "target", uuid, remote: FAR });
  await media.execute({ type: "direction", uuid, recv: false });
  t.strictSame(
    logs.get(uuid)?.moments.map(({ type }) => type),
    ["opened", "target", "direction"],
  );
  await media.execute({ type: "close", uuid });
  await clock.advance(ms(1));
  t.strictSame(seen, ["closed"]);
  t.equal(logs.size, 0);
});
