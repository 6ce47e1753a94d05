import t from "tap";
import {
  CODEC_NAMES,
  codecNameOf,
  isCodecName,
  PAYLOAD_FORMATS,
  staticRtpMap,
} from "../../ts/sdp/payload-types.js";

void t.test("the numbers of RFC 3551 table 4, and ours for dynamic ones", (t) => {
  t.strictSame(
    CODEC_NAMES.map((name) => {
      const { encoding, clock, payloadType, assignment, fmtp } = PAYLOAD_FORMATS[name];
      return `${name}: ${assignment} ${String(payloadType)} ${encoding}/${String(clock)} ${fmtp ?? ""}`.trimEnd();
    }),
    [
      "pcma: static 8 PCMA/8000",
      "pcmu: static 0 PCMU/8000",
      "722: static 9 G722/8000",
      "ilbc: dynamic 97 iLBC/8000 mode=20",
      "ilbc@20: dynamic 97 iLBC/8000 mode=20",
      "ilbc@30: dynamic 97 iLBC/8000 mode=30",
      "l16: dynamic 98 L16/8000",
      "l16@16000: dynamic 99 L16/16000",
      "cn: static 13 CN/8000",
      "2833: dynamic 101 telephone-event/8000 0-16",
    ],
  );
  t.strictSame(
    [0, 8, 9, 13, 3, 18, 97, 101].map((payloadType) => staticRtpMap(payloadType)?.encoding),
    ["PCMU", "PCMA", "G722", "CN", undefined, undefined, undefined, undefined],
  );
  t.end();
});

void t.test("names and rtpmaps, both ways", (t) => {
  for (const name of CODEC_NAMES) {
    const { encoding, clock, fmtp } = PAYLOAD_FORMATS[name];
    t.equal(codecNameOf({ encoding, clock }, fmtp), name === "ilbc" ? "ilbc@20" : name);
    t.equal(
      codecNameOf({ encoding: encoding.toUpperCase(), clock, params: "1" }, fmtp)?.slice(0, 4),
      name.slice(0, 4),
    );
    t.equal(codecNameOf({ encoding, clock: clock * 3 }, fmtp), undefined);
    t.equal(codecNameOf({ encoding, clock, params: "2" }, fmtp), undefined);
  }
  t.equal(
    codecNameOf({ encoding: "iLBC", clock: 8000 }, undefined),
    "ilbc@30",
    "RFC 3952 §5: 30 unless said",
  );
  t.equal(codecNameOf({ encoding: "opus", clock: 48000 }, undefined), undefined);
  t.equal(codecNameOf({ encoding: "L16", clock: 16000 }, undefined), "l16@16000");
  t.equal(codecNameOf({ encoding: "L16", clock: 44100 }, undefined), undefined);
  t.equal(codecNameOf({ encoding: "PCMU", clock: 16000 }, undefined), undefined);
  t.equal(codecNameOf({ encoding: "telephone-event", clock: 16000 }, "0-15"), "2833");
  t.equal(codecNameOf({ encoding: "telephone-event", clock: 48000 }, "0-15"), undefined);
  t.ok(isCodecName("ilbc@20"));
  t.notOk(isCodecName("PCMU"));
  t.notOk(isCodecName("constructor"));
  t.end();
});
