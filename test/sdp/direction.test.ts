import t from "tap";
import {
  answerDirection,
  effectiveDirection,
  isHold,
  narrowDirection,
  reverseDirection,
  type Direction,
} from "../../ts/sdp/direction.js";
import { isSdpRefusal, parseSdp } from "../../ts/sdp/parse.js";
import type { SessionDescription } from "../../ts/sdp/session-description.js";

const ALL = ["sendrecv", "sendonly", "recvonly", "inactive"] as const;

function parsed(
  connection: string,
  session: readonly string[],
  media: readonly string[],
): SessionDescription {
  const lines = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", `c=${connection}`, "t=0 0", ...session, ...media];
  const result = parseSdp(lines.join("\r\n"));
  if (isSdpRefusal(result)) throw new Error(result.message);
  return result;
}

void t.test("seen from the other end", (t) => {
  t.strictSame(ALL.map(reverseDirection), ["sendrecv", "recvonly", "sendonly", "inactive"]);
  t.end();
});

void t.test("answers, offered × own wish (RFC 3264 §6.1)", (t) => {
  const table: Record<Direction, readonly Direction[]> = {
    //          own: sendrecv    sendonly    recvonly    inactive
    sendrecv: ["sendrecv", "sendonly", "recvonly", "inactive"],
    sendonly: ["recvonly", "inactive", "recvonly", "inactive"],
    recvonly: ["sendonly", "sendonly", "inactive", "inactive"],
    inactive: ["inactive", "inactive", "inactive", "inactive"],
  };
  for (const offered of ALL) {
    t.strictSame(
      ALL.map((own) => answerDirection(offered, own)),
      table[offered],
      offered,
    );
  }
  t.equal(narrowDirection("sendonly", "recvonly"), "inactive");
  t.end();
});

const V4 = "IN IP4 192.0.2.1";
const AUDIO = "m=audio 4000 RTP/AVP 0";

/** Session c=, session attributes, media lines → effective direction of the first section, held. */
const rows: readonly (readonly [string, string[], string[], Direction, boolean])[] = [
  [V4, [], [AUDIO], "sendrecv", false],
  [V4, [], [AUDIO, "a=sendrecv"], "sendrecv", false],
  [V4, [], [AUDIO, "a=recvonly"], "recvonly", false],
  [V4, [], [AUDIO, "a=sendonly"], "sendonly", true],
  [V4, [], [AUDIO, "a=inactive"], "inactive", true],
  [V4, ["a=sendonly"], [AUDIO], "sendonly", true],
  [V4, ["a=tool:x", "a=inactive"], [AUDIO], "inactive", true],
  [V4, ["a=inactive"], [AUDIO, "a=sendrecv"], "sendrecv", false],
  [V4, ["a=inactive:x"], [AUDIO], "sendrecv", false],
  ["IN IP4 0.0.0.0", [], [AUDIO], "sendonly", true],
  ["IN IP4 0.0.0.0", [], [AUDIO, "a=recvonly"], "inactive", true],
  ["IN IP4 0.0.0.0", [], [AUDIO, `c=${V4}`], "sendrecv", false],
  [V4, [], [AUDIO, "c=IN IP4 0.0.0.0"], "sendonly", true],
  ["IN IP6 ::", [], [AUDIO], "sendonly", true],
  ["IN IP6 0:0:0:0:0:0:0:0", [], [AUDIO], "sendonly", true],
  ["IN IP6 ::1", [], [AUDIO], "sendrecv", false],
  [V4, [], ["m=video 4000 RTP/AVP 31", "a=inactive", AUDIO], "inactive", false],
  [V4, [], ["m=audio 0 RTP/AVP 0", "a=inactive", AUDIO], "inactive", false],
];

void t.test("effective direction and hold", (t) => {
  for (const [connection, session, media, direction, hold] of rows) {
    const description = parsed(connection, session, media);
    const [first] = description.m;
    const name = [connection, ...session, ...media].join(" ");
    t.equal(first && effectiveDirection(description, first), direction, name);
    t.equal(isHold(description), hold, `${name}: hold`);
  }
  t.equal(isHold(parsed(V4, ["a=inactive"], [])), false, "no media");
  t.equal(isHold({ ...parsed(V4, [], [AUDIO]), o: { ...parsed(V4, [], []).o, address: "0.0.0.0" } }), false);
  t.end();
});
