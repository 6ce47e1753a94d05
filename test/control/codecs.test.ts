import t from "tap";
import { DEFAULT_CODECS, remoteMedia, spokenCodecs } from "../../ts/control/codecs.js";

t.test("what the engine does not speak is left out, the order stays", (t) => {
  t.same(spokenCodecs(DEFAULT_CODECS), ["pcma", "pcmu", "2833"]);
  t.same(spokenCodecs(["2833", "pcmu", "ilbc@20", "pcmu"]), ["2833", "pcmu"]);
  t.end();
});

t.test("a name that is none is an error, by its place", (t) => {
  t.throws(() => spokenCodecs(["pcma", "g729"]), { code: "ARGUMENT_INVALID", field: "codecs[1]" });
  t.throws(() => spokenCodecs(["toString"]), { code: "ARGUMENT_INVALID" });
  t.end();
});

t.test("there has to be audio", (t) => {
  for (const names of [[], ["2833"], ["722", "ilbc"]]) {
    t.throws(() => spokenCodecs(names), { code: "MEDIA_NO_COMMON_CODEC" });
  }
  t.end();
});

t.test("what was negotiated, in the engine's words", (t) => {
  const negotiated = {
    remote: { address: "2001:db8::1", port: 4000 },
    formats: [
      { payloadType: 8, codec: "pcma" },
      { payloadType: 9, codec: "722" },
      { payloadType: 0, codec: "pcmu" },
    ],
    direction: "sendonly",
    hold: false,
  } as const;
  t.same(remoteMedia(negotiated), {
    address: "2001:db8::1",
    port: 4000,
    formats: [
      { payloadType: 8, format: "PCMA" },
      { payloadType: 0, format: "PCMU" },
    ],
    direction: { send: true, recv: false },
  });
  t.match(remoteMedia({ ...negotiated, telephoneEvent: 101, ptime: 30, direction: "recvonly" }), {
    telephoneEvent: 101,
    ptime: 30,
    direction: { send: false, recv: true },
  });
  t.end();
});
