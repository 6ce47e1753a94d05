/** Keys in and out, events of calls and of the switch, messages. */
import t from "tap";
import type { AppEvent } from "../../../ts/control/app/app-event.js";
import { EventQueue } from "../../../ts/control/app/event-queue.js";
import { AppBench, aliceEnds, answered, calling, weEnd } from "./app-bench.js";
import { outcome, type Outcome } from "./outcome.js";

t.test("keys: until the call ends", async (t) => {
  const seen: string[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    for await (const { key, source } of call.keys()) seen.push(`${key} by ${source}`);
    seen.push("no more");
  });
  await bench.flow(
    t,
    [
      ...answered,
      [
        2000,
        "alice",
        "switch",
        "INFO",
        { headers: { "Content-Type": "application/dtmf-relay" }, sdp: "Signal=9\r\nDuration=160\r\n" },
      ],
      [2000, "switch", "alice", "200 OK"],
      ...aliceEnds(3000),
    ],
    bench.keys(1000, "12"),
  );
  t.same(seen, ["1 by telephone-event", "2 by telephone-event", "9 by info", "no more"]);
  t.same(bench.errors, []);
  await bench.endsClean(t);
});

t.test("keys: left early, aborted, and after the end", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    for await (const { key } of call.keys()) {
      seen.push({ value: key });
      break;
    }
    const abort = new AbortController();
    call.after(100, () => abort.abort());
    const reading = async (): Promise<void> => {
      for await (const { key } of call.keys({ signal: abort.signal })) seen.push({ value: key });
    };
    seen.push(await outcome(reading()), await outcome(reading()));
    await call.hangup();
    await call.ended;
    for await (const { key } of call.keys()) seen.push({ value: key });
    seen.push({ value: "none" });
  });
  await bench.flow(t, [...answered, ...weEnd(1100)], bench.keys(1000, "1"));
  t.match(seen, [
    { value: "1" },
    { error: { code: "ABORTED" } },
    { error: { code: "ABORTED" } },
    { value: "none" },
  ]);
  await bench.endsClean(t);
});

t.test("events of a call: all of them, in order, the end last", async (t) => {
  const seen: string[] = [];
  const bench = await AppBench.started(async (call) => {
    void (async () => {
      for await (const event of call.events()) if (event.type !== "note") seen.push(event.type);
      seen.push("no more");
    })();
    await call.ring();
    await call.answer();
    await call.play("hello.wav", { interrupt: true });
  });
  await bench.flow(
    t,
    [
      ...calling,
      [0, "switch", "alice", "180 Ringing"],
      [0, "switch", "alice", "200 OK"],
      [10, "alice", "switch", "ACK"],
      ...weEnd(1000),
    ],
    [[1000, () => bench.playEnds()]],
  );
  t.same(seen, ["rung", "answered", "channel", "channel", "ended", "no more"]);
  await bench.endsClean(t);
});

t.test("events of the switch", async (t) => {
  const seen: string[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
  });
  const reading = (async () => {
    for await (const event of bench.app.events()) seen.push(nameOf(event));
  })();
  bench.bench.alice.send("REGISTER", { expires: 3600 });
  await bench.after(1000);
  await bench.flow(t, [...answered, ...weEnd(10)]);
  await bench.app.stop();
  await reading;
  t.same(seen, ["registered alice", "call-started bob", "call-ended bob normal"]);
});

const nameOf = (event: AppEvent): string => {
  switch (event.type) {
    case "call-started":
      return `call-started ${event.call.to}`;
    case "call-ended":
      return `call-ended ${event.call.to} ${event.ending.cause}`;
    case "registered":
    case "deregistered":
      return `${event.type} ${event.registration.user}`;
    case "gateway":
    case "subscribed":
    case "message":
    case "lost":
      return event.type;
  }
};

t.test("a reader that is too slow misses the oldest, and is told how many", async (t) => {
  let closed = 0;
  const queue = new EventQueue<number>({
    verb: "events",
    signal: undefined,
    lost: (count) => -count,
    closed: () => (closed += 1),
  });
  for (let number = 1; number <= 1010; number += 1) queue.push(number);
  t.same(await queue.next(), { done: false, value: -10 });
  t.same(await queue.next(), { done: false, value: 11 });
  queue.close();
  queue.close();
  t.equal(closed, 1);
  t.same(await queue.next(), { done: false, value: 12 }, "what waits is still read");
  await queue.return();
  t.same(await queue.next(), { done: true, value: undefined });
});

t.test("sendKeys: one after the other, as long as it takes; aborting keeps back the rest", async (t) => {
  const seen: Outcome[] = [];
  const sdp =
    "v=0\r\no=- 1 1 IN IP4 198.51.100.10\r\ns=-\r\nc=IN IP4 198.51.100.10\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    seen.push(await outcome(call.sendKeys("1x")), await outcome(call.sendKeys("")));
    seen.push(await outcome(call.sendKeys("1", { duration: 5 })));
    seen.push(await outcome(call.sendKeys("12#", { duration: 100, pause: 100 })));
    const abort = new AbortController();
    call.after(250, () => abort.abort());
    seen.push(await outcome(call.sendKeys("7890", { duration: 100, pause: 100, signal: abort.signal })));
  });
  await bench.flow(
    t,
    [
      [0, "alice", "switch", "INVITE", { sdp }],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "200 OK"],
      [10, "alice", "switch", "ACK"],
      ...weEnd(860),
    ],
    [[850, () => t.equal(bench.media.channels.get(bench.channelOf())?.digits, "12#78")]],
  );
  t.match(seen, [
    { error: { field: "keys" } },
    { error: { field: "keys" } },
    { error: { field: "duration" } },
    { value: undefined },
    { error: { code: "ABORTED" } },
  ]);
  await bench.endsClean(t);
});

t.test("sendKeys: a far end that takes none by telephone-event takes them by INFO", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    seen.push(await outcome(call.sendKeys("1")));
    seen.push(await outcome(call.sendKeys("1", { by: "info" })));
  });
  await bench.flow(t, [
    ...answered,
    [10, "switch", "alice", "INFO", { sdp: (body) => t.match(body, /Signal=1\r\nDuration=220/) }],
    [20, "alice", "switch", "200 OK", { to: "INFO" }],
    ...weEnd(430),
  ]);
  t.match(seen, [{ error: { code: "MEDIA_STATE" } }, { value: undefined }]);
  await bench.endsClean(t);
});

t.test("tones, messages, and live audio where the media server is elsewhere", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    seen.push(await outcome(call.detectTones({ enabled: true })));
    seen.push(await outcome(call.message("Hello")));
    t.throws(() => call.audio(), { code: "MEDIA_UNAVAILABLE" });
    await call.sleep(100);
  });
  await bench.flow(t, [
    ...answered,
    [10, "switch", "alice", "MESSAGE", { sdp: (body) => t.equal(body, "Hello") }],
    [20, "alice", "switch", "200 OK", { to: "MESSAGE" }],
    ...weEnd(110),
  ]);
  t.match(seen, [{ value: undefined }, { value: undefined }]);
  t.match(bench.media.commandsOf("detect"), [{ inband: true }]);
  await bench.endsClean(t);
});
