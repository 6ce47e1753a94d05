import t from "tap";
import { mediaEventBody, type MediaCallback } from "../../ts/http/media-event-wire.js";
import { read, write } from "../../ts/http/wire.js";
import type { ChannelStatistics, MediaEvent } from "../../ts/rtp/media-service.js";

const statistics: ChannelStatistics = {
  datagrams: 10,
  forwarded: 4,
  consumed: 3,
  received: { packets: 9, octets: 1440, lost: -1, jitterMillis: 0.5, rFactor: 93.2, mos: 4.4 },
  sent: { packets: 5, octets: 800, lost: null, jitterMillis: null, rFactor: null, mos: null },
  roundTripMillis: 12.5,
  dropped: { NotMedia: 3 },
  tick: { count: 50, meanUs: 10.5, maxUs: 200 },
  jitterBuffer: { delayMillis: 40, concealed: 1, samplesRemoved: 80, samplesInserted: 0 },
  refused: { SendFailed: 2 },
  heard: {
    from: "192.0.2.7:4000",
    firstAgoMillis: 9000.5,
    lastAgoMillis: 19.25,
    longestGapMillis: 4000,
    longestGapAgoMillis: 100,
  },
};

const uuid = "u";
const record = { type: "record", uuid, file: "a.wav" } as const;

const events: readonly MediaEvent[] = [
  { type: "telephone-event", uuid, event: "5" },
  { type: "telephone-event", uuid, event: "#", inband: true },
  { type: "telephone-event-end", uuid, event: "5", durationMillis: 220 },
  { type: "source-rejected", uuid, address: "192.0.2.7", port: 4000 },
  { type: "play", uuid, event: "start", reason: "new" },
  ...(
    [
      "completed",
      "replaced",
      "stopped",
      "telephone-event",
      "interrupted",
      "mix",
      "channelclosed",
      "error",
    ] as const
  ).map((reason): MediaEvent => ({ type: "play", uuid, event: "end", reason })),
  { type: "play", uuid, event: "paused" },
  { type: "play", uuid, event: "resumed" },
  ...(["recording", "recording.abovepower", "paused", "resumed", "slow-disk"] as const).map(
    (event): MediaEvent => ({ ...record, event }),
  ),
  ...(
    [
      "requested",
      "belowpower",
      "timeout",
      "channelclosed",
      "replaced",
      "open-failed",
      "disk-full",
      "write-failed",
    ] as const
  ).map((reason): MediaEvent => ({ ...record, event: "finished", reason, filesize: 44, durationMillis: 0 })),
  { type: "mix", uuid, event: "start" },
  { type: "mix", uuid, event: "finished" },
  ...(["requested", "idle-timeout", "lease-expired", "shutdown", "error"] as const).map(
    (reason): MediaEvent => ({ type: "closed", uuid, reason, statistics }),
  ),
];

t.test("every event of a channel, there and back", (t) => {
  for (const event of events) {
    const callback: MediaCallback = { number: 1, event: event };
    const text = JSON.stringify(write(mediaEventBody, callback));
    t.strictSame(read(mediaEventBody, JSON.parse(text)), callback, text.slice(0, 120));
  }
  t.end();
});

t.test("what is none is refused", (t) => {
  const wrong: readonly object[] = [
    { type: "play", uuid, event: "end" },
    { type: "play", uuid, event: "start", reason: "completed" },
    { ...record, event: "finished", reason: "bored", filesize: 1, durationMillis: 1 },
    { ...record, event: "finished", reason: "requested" },
    { type: "record", uuid, event: "recording" },
    { type: "mix", uuid, event: "busy" },
    { type: "closed", uuid, reason: "requested" },
    { type: "telephone-event" },
    { type: "dance", uuid },
  ];
  for (const event of wrong) {
    t.throws(() => read(mediaEventBody, { number: 1, event }), { code: "ARGUMENT_INVALID" });
  }
  t.throws(() => read(mediaEventBody, { number: 0, event: events[0] }), { code: "ARGUMENT_INVALID" });
  t.end();
});
