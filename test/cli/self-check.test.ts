import t from "tap";
import { selfCheck } from "../../ts/cli/self-check.js";

t.test("`mediaswitch sip --test`: the SIP server tries itself out, one line per check", async (t) => {
  const lines: string[] = [];
  t.equal(await selfCheck({ say: (line) => void lines.push(line) }), true, lines.join("\n"));
  t.equal(lines.length, 10);
  t.ok(lines.slice(0, -1).every((line) => line.startsWith("ok ")));
  t.match(lines.at(-1), "all 9 checks ok");
});

t.test("what goes wrong is said, with the reason, and the rest is tried all the same", async (t) => {
  const lines: string[] = [];
  t.equal(await selfCheck({ say: (line) => void lines.push(line), phoneSecret: "not theirs" }), false);
  t.match(lines[0], /^failed {2}REGISTER with digest: expected 200 to REGISTER, got 401/);
  t.match(lines[1], /^failed {2}GET \/reg tells of it: 1000 is not registered/);
  t.match(lines[2], /^ok {6}REGISTER with a wrong password is refused/);
  t.match(lines.at(-1), /^\d of 9 checks failed$/);
});
