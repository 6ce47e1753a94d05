import t from "tap";
import { DEFAULT_CODECS, remoteMedia, spokenCodecs } from "../../ts/control/codecs.js";
import { CODEC_NAMES } from "../../ts/sdp/payload-types.js";

t.test("each once, the order stays", (t) => {
  t.same(spokenCodecs(DEFAULT_CODECS), ["pcma", "pcmu", "722", "ilbc", "2833"]);
  t.same(spokenCodecs(["2833", "pcmu", "ilbc@20", "pcmu", "l16@16000", "cn"]), [
    "2833",
    "pcmu",
    "ilbc@20",
    "l16@16000",
    "cn",
  ]);
  t.same(spokenCodecs(CODEC_NAMES), CODEC_NAMES);
  t.end();
});

t.test("a name that is none is an error, by its place", (t) => {
  t.throws(() => spokenCodecs(["pcma", "g729"]), { code: "ARGUMENT_INVALID", field: "codecs[1]" });
  t.throws(() => spokenCodecs(["toString"]), { code: "ARGUMENT_INVALID" });
  t.end();
});

t.test("there has to be audio", (t) => {
  for (const names of [[], ["2833"], ["cn", "2833"]]) {
    t.throws(() => spokenCodecs(names), { code: "MEDIA_NO_COMMON_CODEC" });
  }
  t.end();
});

const negotiated = {
  remote: { address: "2001:db8::1", port: 4000 },
  formats: [
    { payloadType: 8, codec: "pcma" },
    { payloadType: 9, codec: "722" },
    { payloadType: 0, codec: "pcmu" },
    { payloadType: 111, codec: "ilbc@20", receive: 97 },
    { payloadType: 97, codec: "ilbc@30" },
    { payloadType: 98, codec: "l16" },
    { payloadType: 99, codec: "l16@16000" },
  ],
  direction: "sendonly",
  hold: false,
} as const;

t.test("what was negotiated, in the engine's words", (t) => {
  t.strictSame(remoteMedia(negotiated), {
    address: "2001:db8::1",
    port: 4000,
    formats: [
      { payloadType: 8, format: "PCMA" },
      { payloadType: 9, format: "G722" },
      { payloadType: 0, format: "PCMU" },
      { payloadType: 111, format: "iLBC/20", receive: 97 },
      { payloadType: 97, format: "iLBC/30" },
      { payloadType: 98, format: "L16/8000" },
      { payloadType: 99, format: "L16/16000" },
    ],
    direction: { send: true, recv: false },
  });
  t.end();
});

t.test("and what else goes with it", (t) => {
  t.match(
    remoteMedia({
      ...negotiated,
      telephoneEvent: 101,
      telephoneEventReceive: 96,
      telephoneEventClock: 16_000,
      comfortNoise: 13,
      rtcpMux: true,
      rtcpPort: 5555,
      ptime: 30,
      direction: "recvonly",
    }),
    {
      telephoneEvent: 101,
      telephoneEventReceive: 96,
      telephoneEventClock: 16_000,
      comfortNoise: 13,
      rtcpMux: true,
      rtcpPort: 5555,
      ptime: 30,
      direction: { send: false, recv: true },
    },
  );
  t.end();
});
