/** Who has no right to register cannot learn from the answer whether the user exists. */
import t from "tap";
import { tryToRegister, type Answer, type Answers } from "./support/sip-client.js";
import { startSwitch, stopSwitch } from "./support/switch.js";

/** What an attacker can compare: everything but the values that differ from request to request anyway. */
function shape({ statusLine, headers }: Answer): readonly string[] {
  const fixed = headers.map(({ name, value }) => {
    if (/^(via|from|to|call-id|date)$/i.test(name)) return name;
    return `${name}: ${value.replace(/\b(nonce|opaque)="[^"]*"/g, '$1=""').replace(/^\d+ REGISTER$/, "n REGISTER")}`;
  });
  return [statusLine, ...fixed];
}

void t.test("wrong password and unknown user get the same answer", async (t) => {
  const mediaswitch = await startSwitch(t, { deployment: "one process", script: "two-phones.mjs" });
  const attempt = (user: string, secret: string): Promise<Answers> =>
    tryToRegister(mediaswitch.sipPort, { domain: "phones.example", user, secret });

  const right = await attempt("alice", "correct-horse");
  t.match(right.first.statusLine, /^SIP\/2\.0 401 /);
  t.match(right.second.statusLine, /^SIP\/2\.0 200 /, "the right password is taken");

  const wrong = await attempt("alice", "wrong-horse");
  const unknown = await attempt("mallory", "correct-horse");
  t.match(wrong.second.statusLine, /^SIP\/2\.0 4\d\d /);
  t.same(shape(unknown.first), shape(wrong.first), "same challenge");
  t.same(shape(unknown.second), shape(wrong.second), "same refusal");
  await stopSwitch(t, mediaswitch);
});
