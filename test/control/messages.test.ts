import t from "tap";
import { ProjectControl } from "../../ts/control/projectcontrol.js";
import { silentLog } from "../../ts/core/log.js";
import type { MessageInfo, SubscriptionInfo } from "../../ts/sip/sip-service.js";
import { Exchange } from "./exchange.js";

const DOMAIN = "example.net";
const message: MessageInfo = {
  callid: "m1",
  domain: DOMAIN,
  user: "echo",
  from: `1000@${DOMAIN}`,
  contentType: "text/plain",
  content: "hello",
};

async function withUsers(): Promise<Exchange> {
  const exchange = await Exchange.open();
  const users = [{ username: "1000", secret: "s" }];
  await exchange.projectcontrol.directory(DOMAIN, users);
  await exchange.sip.register(DOMAIN, "1000");
  return exchange;
}

t.test("a script takes messages and answers them; without one they are not taken", async (t) => {
  const { projectcontrol, sip } = await withUsers();
  t.equal(await sip.messages(message), 480);
  const heard: MessageInfo[] = [];
  projectcontrol.onmessage = (taken) => {
    heard.push(taken);
    return projectcontrol.message({
      from: { user: taken.user, domain: taken.domain },
      to: { user: "1000" },
      content: taken.content.toUpperCase(),
    });
  };
  t.equal(await sip.messages(message), 202);
  t.strictSame(heard, [message]);
  t.match(sip.commandsOf("message.send"), [{ request: { from: { user: "echo" }, content: "HELLO" } }]);
});

t.test("a message callback that fails is logged; the message is taken all the same", async (t) => {
  const { projectcontrol, sip, lines } = await withUsers();
  projectcontrol.onmessage = () => Promise.reject(new Error("a mistake in the script"));
  t.equal(await sip.messages(message), 202);
  t.equal(lines.filter(({ level }) => level === "error").length, 1);
});

t.test("a script hears who watches whom, and says how things stand", async (t) => {
  const { projectcontrol, sip } = await withUsers();
  const heard: SubscriptionInfo[] = [];
  projectcontrol.onsubscribe = (subscription) => {
    heard.push(subscription);
    return projectcontrol.mailbox(subscription.domain, subscription.user, { new: 3, old: 1 });
  };
  const subscription: SubscriptionInfo = {
    domain: DOMAIN,
    user: "1000",
    event: "message-summary",
    subscriber: `1000@${DOMAIN}`,
    state: "active",
  };
  await sip.subscribes(subscription);
  t.strictSame(heard, [subscription]);
  t.strictSame([...sip.mailboxes], [[`1000@${DOMAIN}`, { new: 3, old: 1 }]]);
  await projectcontrol.presence({ domain: DOMAIN, user: "1000", status: "closed", note: "at lunch" });
  t.strictSame([...sip.presence], [[`1000@${DOMAIN}`, { status: "closed", note: "at lunch" }]]);
  await projectcontrol.presence({ domain: DOMAIN, user: "1000" });
  t.equal(sip.presence.size, 0);
  await t.rejects(projectcontrol.presence({ domain: DOMAIN, user: "ghost", status: "open" }), {
    code: "USER_UNKNOWN",
  });
  await t.rejects(
    projectcontrol.message({ from: { user: "a", domain: DOMAIN }, to: { user: "ghost" }, content: "" }),
    {
      code: "USER_UNKNOWN",
    },
  );
});

t.test("before run there is nobody to tell", async (t) => {
  const projectcontrol = new ProjectControl({
    log: silentLog,
    connect: () => Promise.reject(new Error("unused")),
  });
  const failure = { code: "NOT_CONNECTED" };
  await t.rejects(projectcontrol.presence({ domain: DOMAIN, user: "1000", status: "open" }), failure);
  await t.rejects(projectcontrol.mailbox(DOMAIN, "1000", { new: 0, old: 0 }), failure);
  await t.rejects(
    projectcontrol.message({ from: { user: "a", domain: DOMAIN }, to: { user: "b" }, content: "" }),
    failure,
  );
  const wrong = projectcontrol as unknown as { onmessage: unknown };
  t.throws(() => (wrong.onmessage = "text"), { code: "ARGUMENT_INVALID", field: "onmessage" });
});
