/** By which a receiver knows that a webhook is ours. */
import t from "tap";
import { isWebhookSecret, signWebhook, verifyWebhook } from "../../ts/core/webhook-signature.js";

const OLD = "an old secret of ours";
const NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const event = { id: "3f2a.17", timestamp: 1_700_000_000, body: '{"type":"call.new","text":"Grüße"}' };

const received = (secrets: readonly string[], change: object = {}) => ({
  headers: { ...signWebhook(secrets, event) },
  body: event.body,
  secrets: [NEW],
  now: event.timestamp + 10,
  ...change,
});

t.test("the known answer of the Standard Webhooks specification", (t) => {
  const headers = signWebhook([NEW], {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: 1_614_265_330,
    body: '{"test": 2432232314}',
  });
  t.equal(headers["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  t.end();
});

t.test("what is signed is taken, and says which event it is", (t) => {
  t.same(verifyWebhook(received([NEW])), {
    id: "3f2a.17",
    feed: "3f2a",
    number: 17,
    timestamp: event.timestamp,
  });
  t.end();
});

t.test("two secrets: a receiver with either takes it", (t) => {
  const signed = received([NEW, OLD]);
  for (const secrets of [[NEW], [OLD], [OLD, NEW]]) t.ok(verifyWebhook({ ...signed, secrets }));
  t.throws(() => verifyWebhook({ ...received([OLD]), secrets: [NEW] }), { code: "UNAUTHORIZED" });
  t.end();
});

t.test("what was changed, is old, or has no signature is refused", (t) => {
  const good = received([NEW]);
  const changes: Record<string, object> = {
    body: { body: good.body.replace("new", "old") },
    "another time": { headers: { ...good.headers, "webhook-timestamp": "1700000001" } },
    "another number": { headers: { ...good.headers, "webhook-id": "3f2a.18" } },
    "no signature": { headers: { ...good.headers, "webhook-signature": undefined } },
    "an empty signature": { headers: { ...good.headers, "webhook-signature": "" } },
    "an unknown version": { headers: { ...good.headers, "webhook-signature": "v2,abc" } },
    "no clock to compare with": { now: Number.NaN },
    "too old": { now: event.timestamp + 301 },
    "from the future": { now: event.timestamp - 301 },
    "no secrets": { secrets: [] },
  };
  for (const [what, change] of Object.entries(changes)) {
    t.throws(() => verifyWebhook({ ...good, ...change }), { code: "UNAUTHORIZED" }, what);
  }
  t.ok(verifyWebhook({ ...good, now: event.timestamp + 301, tolerance: 600 }));
  t.end();
});

t.test("what can be a secret", (t) => {
  t.ok(isWebhookSecret("sixteen octets ok"));
  t.ok(isWebhookSecret(NEW));
  for (const bad of ["", "short", "whsec_", "whsec_AAAA", "whsec_not*base64*at*all"])
    t.notOk(isWebhookSecret(bad), bad);
  t.end();
});
