import t, { type Test } from "tap";
import { MediaswitchError } from "../../ts/core/errors.js";
import type { SipEvent, SipService } from "../../ts/sip/sip-service.js";

/** A place where a SipService lives, with hands on the far ends of its calls. */
export interface SipHome {
  readonly service: SipService;
  /** Control to name in directories, where events find their way by it. */
  readonly control?: string;
  readonly farEnd: {
    /** A phone registers. */
    registers(domain: string, user: string): Promise<void>;
    /** An INVITE comes in. @returns its call-id, once it is known whether it was taken. */
    invites(call: { from: string; to: string; domain: string; sdp: string }): Promise<string>;
    /** The final status that the far end of a call got from us instead of an answer; undefined = none. */
    refusal(callid: string): Promise<number | undefined>;
    acks(callid: string): Promise<void>;
    /** A phone of `subscriber` begins to watch the calls of `user`. */
    subscribes(domain: string, user: string, subscriber: string): Promise<void>;
    /** A MESSAGE comes. @returns the final status that its sender got. */
    messages(message: { from: string; to: string; domain: string; content: string }): Promise<number>;
    /** The user's phone accepts the message that it was sent. */
    takesMessage(user: string): Promise<void>;
    /** Where a server is that takes our registrations … */
    readonly gatewayAddress: string;
    /** … which it does now, of the gateway with this name. */
    takesRegistration(name: string): Promise<void>;
    hangsUp(callid: string): Promise<void>;
  };
  close(): Promise<void>;
}

const DOMAIN = "example.net";
const ALICE = { username: "alice", secret: "one" };
const BOB = { username: "bob", secret: "two" };

const sdp = (port: number): string =>
  [
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.1",
    "s= ",
    "c=IN IP4 192.0.2.1",
    "t=0 0",
    `m=audio ${port} RTP/AVP 0`,
    "a=rtpmap:0 PCMU/8000",
    "a=sendrecv",
    "",
  ].join("\r\n");

/** Events as they come; the next is taken as soon as it is there. */
class Received {
  readonly events: SipEvent[] = [];
  take = async (event: SipEvent): Promise<void> => {
    this.events.push(event);
  };

  /** Number and cause of each dialog event so far. */
  get dialog(): string[] {
    return this.events.flatMap((event) =>
      event.type === "dialog" ? [`${event.number} ${event.cause}`] : [],
    );
  }
}

/** What every implementation of SipService owes. */
export function sipServiceContract(name: string, open: () => Promise<SipHome>): void {
  const test = (what: string, run: (t: Test, home: SipHome, received: Received) => Promise<void>): void => {
    void t.test(`${name}: ${what}`, async (t) => {
      const home = await open();
      t.teardown(() => home.close());
      const received = new Received();
      home.service.attach((event) => received.take(event));
      await run(t, home, received);
    });
  };
  const putDomain = ({ service, control }: SipHome): Promise<object> =>
    service.execute({
      type: "directory.put",
      domain: DOMAIN,
      users: [ALICE, BOB],
      ...(control === undefined ? {} : { control }),
    });

  test("a directory is put, read, changed and removed", async (t, home) => {
    const { service } = home;
    t.strictSame(await putDomain(home), { created: true });
    t.strictSame(await putDomain(home), { created: false });
    t.strictSame((await service.execute({ type: "directory.get", domain: DOMAIN })).users, ["alice", "bob"]);
    const carol = { username: "carol", secret: "three" };
    t.strictSame(await service.execute({ type: "directory.patch", domain: DOMAIN, users: [carol] }), {
      created: true,
    });
    t.strictSame(await service.execute({ type: "directory.patch", domain: DOMAIN, users: [carol] }), {
      created: false,
    });
    t.strictSame(await service.execute({ type: "directory.delete", domain: DOMAIN, user: "bob" }), {});
    t.strictSame((await service.execute({ type: "directory.get", domain: DOMAIN })).users, [
      "alice",
      "carol",
    ]);
    t.strictSame((await service.execute({ type: "directory.get" })).domains, [DOMAIN]);
    t.match(await service.execute({ type: "directory.get", domain: DOMAIN, user: "carol" }), {
      users: ["carol"],
    });
    await t.rejects(service.execute({ type: "directory.get", domain: DOMAIN, user: "bob" }), {
      code: "USER_UNKNOWN",
    });
    await service.execute({ type: "directory.delete", domain: DOMAIN });
    await t.rejects(service.execute({ type: "directory.get", domain: DOMAIN }), { code: "DOMAIN_UNKNOWN" });
    await t.rejects(service.execute({ type: "directory.patch", domain: DOMAIN, users: [carol] }), {
      code: "DOMAIN_UNKNOWN",
    });
  });

  test("a user may be put by the hash of the secret alone", async (t, home) => {
    const { service } = home;
    const dave = { username: "dave", ha1: { MD5: "0".repeat(32) } };
    await service.execute({ type: "directory.put", domain: DOMAIN, users: [dave] });
    t.strictSame((await service.execute({ type: "directory.get", domain: DOMAIN })).users, ["dave"]);
    t.notMatch(JSON.stringify(await service.execute({ type: "directory.get", domain: DOMAIN })), /000/);
  });

  test("names with every sort of character", async (t, { service }) => {
    const users = [{ username: "a/b c%d?#ä", secret: "s" }];
    await service.execute({ type: "directory.put", domain: "strange.example", users });
    t.strictSame((await service.execute({ type: "directory.get", domain: "strange.example" })).users, [
      "a/b c%d?#ä",
    ]);
    await service.execute({ type: "directory.delete", domain: "strange.example", user: "a/b c%d?#ä" });
    t.strictSame(
      (await service.execute({ type: "directory.get", domain: "strange.example" })).users ?? [],
      [],
    );
  });

  test("registrations are told, counted and listed", async (t, home, received) => {
    const { service, farEnd } = home;
    await putDomain(home);
    await farEnd.registers(DOMAIN, "alice");
    t.strictSame(await service.execute({ type: "registrations.count" }), { count: 1 });
    t.match(received.events, [{ type: "registered", registration: { domain: DOMAIN, user: "alice" } }]);
    const listed = await service.execute({ type: "registrations.domain", domain: DOMAIN });
    t.match(listed, { domain: DOMAIN, count: 2, registered: 1, users: { bob: { registered: false } } });
    const { alice } = listed.users;
    t.ok(alice?.registered === true && alice.remote.port > 0 && alice.bindings.length === 1);
    const one = await service.execute({ type: "registrations.domain", domain: DOMAIN, user: "bob" });
    t.match(one, { count: 2, registered: 0 });
    t.strictSame(Object.keys(one.users), ["bob"]);
    await t.rejects(service.execute({ type: "registrations.domain", domain: "nowhere" }), {
      code: "DOMAIN_UNKNOWN",
    });
  });

  test("outbound calls that can't be made are refused with their reason", async (t, home) => {
    const { service } = home;
    await putDomain(home);
    const from = { user: "alice", domain: DOMAIN };
    const invite = (user: string, maxforwards = 70): Promise<object> =>
      service.execute({
        type: "dialog.invite",
        request: { from, to: { user }, maxforwards, sdp: sdp(4000) },
      });
    await t.rejects(invite("ghost"), { code: "USER_UNKNOWN" });
    await t.rejects(invite("bob"), { code: "USER_NOT_REGISTERED" });
    await t.rejects(invite("bob", 0), { code: "MAX_FORWARDS_EXCEEDED" });
    t.strictSame(await service.execute({ type: "dialog.count" }), { count: 0, counter: 0 });
  });

  test("an inbound call: events in order, each with the whole of what is known", async (t, home, received) => {
    const { service, farEnd } = home;
    await putDomain(home);
    const callid = await farEnd.invites({ from: "alice", to: "bob", domain: DOMAIN, sdp: sdp(4000) });
    t.strictSame(received.dialog, ["1 new"]);
    t.match(received.events[0], {
      info: { callid, from: "alice", to: "bob", domain: DOMAIN, originator: false, answered: false },
    });
    t.match(received.events[0], { info: { sdp: { them: /m=audio 4000 RTP\/AVP 0\r\n/ } } });
    t.strictSame(await service.execute({ type: "dialog.ring", callid }), {});
    t.strictSame(await service.execute({ type: "dialog.answer", callid, sdp: sdp(6000) }), {});
    await farEnd.acks(callid);
    t.strictSame(received.dialog, ["1 new", "2 answered"]);
    t.match(received.events[1], {
      info: { answered: true, sdp: { them: /m=audio 4000 /, us: /m=audio 6000 / } },
    });
    t.match(await service.execute({ type: "dialog.count" }), { count: 1, counter: 1 });
    t.match(
      await service.execute({ type: "dialog.get", callid }),
      { callid, from: "alice", answered: true, sdp: { them: /m=audio 4000 /, us: /m=audio 6000 / } },
      "who asks is told the same",
    );
    await farEnd.hangsUp(callid);
    t.strictSame(received.dialog, ["1 new", "2 answered", "3 ended"]);
    t.match(received.events[2], { info: { hangup: true } });
    for (const type of ["dialog.ring", "dialog.hangup"] as const) {
      await t.rejects(service.execute({ type, callid }), { code: "CALL_UNKNOWN" }, `${type} after the end`);
    }
  });

  test("events of one call wait for each other", async (t, home, received) => {
    const { service, farEnd } = home;
    await putDomain(home);
    const callid = await farEnd.invites({ from: "alice", to: "bob", domain: DOMAIN, sdp: sdp(4000) });
    await service.execute({ type: "dialog.answer", callid, sdp: sdp(6000) });
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const { take } = received;
    let arrived: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (arrived = resolve));
    received.take = async (event) => {
      await take(event);
      arrived();
      await held;
    };
    const acked = farEnd.acks(callid);
    await first;
    const ended = farEnd.hangsUp(callid);
    // Time enough for an event that doesn't wait: another exchange goes all the way.
    await service.execute({ type: "dialog.count" });
    t.strictSame(received.dialog, ["1 new", "2 answered"]);
    letGo();
    await Promise.all([acked, ended]);
    t.strictSame(received.dialog, ["1 new", "2 answered", "3 ended"]);
  });

  test("a new call that is not taken is refused with 480", async (t, home, received) => {
    const { farEnd } = home;
    await putDomain(home);
    const { take } = received;
    received.take = async (event) => {
      await take(event);
      if (event.type === "dialog" && event.cause === "new") throw new Error("nobody wants it");
    };
    const callid = await farEnd.invites({ from: "alice", to: "bob", domain: DOMAIN, sdp: sdp(4000) });
    t.equal(await farEnd.refusal(callid), 480);
    t.equal(received.dialog[0], "1 new");
  });

  test("presence and mailboxes are set for users of the directory, and for nobody else", async (t, home) => {
    const { service } = home;
    await putDomain(home);
    const mailbox = { new: 2, old: 8, urgentNew: 1, urgentOld: 0, account: "sip:*97@voicemail.example" };
    for (const command of [
      { type: "presence.set", domain: DOMAIN, user: "alice", status: "open", note: "at lunch \u00fc" },
      { type: "presence.set", domain: DOMAIN, user: "alice" },
      { type: "mwi.set", domain: DOMAIN, user: "alice", mailbox },
    ] as const) {
      t.strictSame(await service.execute(command), {}, command.type);
      await t.rejects(service.execute({ ...command, user: "ghost" }), { code: "USER_UNKNOWN" });
      await t.rejects(service.execute({ ...command, domain: "nowhere" }), { code: "DOMAIN_UNKNOWN" });
    }
  });

  test("a message is sent and what becomes of it is told; one that can't be sent is refused", async (t, home) => {
    const { service, farEnd } = home;
    await putDomain(home);
    const from = { user: "reception", domain: DOMAIN, name: "R\u00e9ception" };
    const send = (user: string, domain?: string): Promise<object> =>
      service.execute({
        type: "message.send",
        request: { from, to: { user, ...(domain === undefined ? {} : { domain }) }, content: "h\u00e9" },
      });
    await t.rejects(send("ghost"), { code: "USER_UNKNOWN" });
    await t.rejects(send("bob"), { code: "USER_NOT_REGISTERED" });
    await t.rejects(send("bob", "elsewhere.example"), { code: "DESTINATION_UNREACHABLE" });
    await farEnd.registers(DOMAIN, "bob");
    const sent = send("bob");
    await farEnd.takesMessage("bob");
    t.strictSame(await sent, { status: 200 });
  });

  test("subscriptions are told", async (t, home, received) => {
    await putDomain(home);
    await home.farEnd.subscribes(DOMAIN, "bob", "alice");
    t.match(received.events, [
      {
        type: "subscribed",
        subscription: {
          domain: DOMAIN,
          user: "bob",
          event: "dialog",
          subscriber: `alice@${DOMAIN}`,
          state: "active",
        },
      },
    ]);
  });

  test("a message to who has no phone is taken, or refused with the status of the error", async (t, home, received) => {
    const { farEnd } = home;
    await putDomain(home);
    const message = { from: "alice", to: "bob", domain: DOMAIN, content: "h\u00e9" };
    t.equal(await farEnd.messages(message), 202);
    t.match(received.events, [
      {
        type: "message",
        message: { domain: DOMAIN, user: "bob", from: `alice@${DOMAIN}`, content: "h\u00e9" },
      },
    ]);
    received.take = () => Promise.reject(new MediaswitchError("USER_UNKNOWN", "no such service"));
    t.equal(await farEnd.messages(message), 404);
    received.take = () => Promise.reject(new MediaswitchError("CONTROL_UNAVAILABLE", "no script"));
    t.equal(await farEnd.messages(message), 480);
  });

  test("commands for a call that never was", async (t, { service }) => {
    const callid = "never-was";
    for (const command of [
      { type: "dialog.get", callid },
      { type: "dialog.ring", callid },
      { type: "dialog.answer", callid, sdp: sdp(6000) },
      { type: "dialog.ok", callid, sdp: sdp(6000) },
      { type: "dialog.refuse", callid },
      { type: "dialog.ack", callid, sdp: sdp(6000) },
      { type: "dialog.reinvite", callid, sdp: sdp(6000) },
      { type: "dialog.notify", callid },
      { type: "dialog.info", callid, contenttype: "text/plain", body: "x" },
      { type: "dialog.message", callid, contenttype: "text/plain", body: "x" },
      { type: "dialog.hangup", callid },
    ] as const) {
      await t.rejects(service.execute(command), { code: "CALL_UNKNOWN" }, command.type);
    }
  });

  test("a command under a signal that was aborted does nothing", async (t, { service }) => {
    await t.rejects(service.execute({ type: "dialog.count" }, AbortSignal.abort()), { code: "ABORTED" });
    await t.rejects(
      service.execute({ type: "directory.put", domain: "x.example", users: [] }, AbortSignal.abort()),
      { code: "ABORTED" },
    );
    t.strictSame((await service.execute({ type: "directory.get" })).domains ?? [], []);
  });

  test("a drained server takes no new calls, and those there are go on", async (t, home, received) => {
    const { service, farEnd } = home;
    await putDomain(home);
    const callid = await farEnd.invites({ from: "alice", to: "bob", domain: DOMAIN, sdp: sdp(4000) });
    t.strictSame(await service.execute({ type: "drain", enabled: true, seconds: 600 }), {
      draining: true,
      calls: 1,
    });
    t.match(await service.execute({ type: "health" }), { draining: true, calls: 1 });
    const from = { user: "alice", domain: DOMAIN };
    await t.rejects(
      service.execute({ type: "dialog.invite", request: { from, to: { user: "bob" }, sdp: sdp(4000) } }),
      { code: "SIP_DRAINING" },
    );
    await service.execute({ type: "dialog.answer", callid, sdp: sdp(6000) });
    await farEnd.acks(callid);
    await farEnd.hangsUp(callid);
    t.strictSame(received.dialog, ["1 new", "2 answered", "3 ended"]);
    t.strictSame(await service.execute({ type: "drain", enabled: false }), { draining: false, calls: 0 });
    const again = await farEnd.invites({ from: "alice", to: "bob", domain: DOMAIN, sdp: sdp(4000) });
    t.equal(await farEnd.refusal(again), undefined);
  });

  test("gateways are put, read, changed and removed; their secret is never told", async (t, home) => {
    const { service, farEnd } = home;
    const from = { user: "4420", authsecret: "never-told" };
    const gateway = { from, to: { domain: farEnd.gatewayAddress }, register: false };
    const put = (more: object = {}): Promise<object> =>
      service.execute({ type: "gateway.put", name: "a/b \u00fc", ...gateway, ...more });
    t.strictSame(await put(), { created: true });
    t.strictSame(await put({ domain: DOMAIN, sources: ["192.0.2.0/24"], expires: 600 }), { created: false });
    const { gateways } = await service.execute({ type: "gateway.get" });
    t.match(gateways, [
      {
        name: "a/b \u00fc",
        from: { user: "4420", domain: farEnd.gatewayAddress, authuser: "4420" },
        to: { domain: farEnd.gatewayAddress },
        register: false,
        state: "unregistered",
        expires: 0,
        route: [],
        path: [],
        domain: DOMAIN,
      },
    ]);
    t.ok(gateways[0]?.sources.includes("192.0.2.0/24"));
    t.notMatch(JSON.stringify(gateways), /never-told/);
    // Its own address may have been found since.
    const named = await service.execute({ type: "gateway.get", name: "a/b \u00fc" });
    t.match(named.gateways, [{ name: "a/b \u00fc", from: { user: "4420" }, domain: DOMAIN }]);
    t.equal(named.gateways.length, 1);
    t.strictSame(await service.execute({ type: "gateway.delete", name: "a/b \u00fc" }), {});
    t.strictSame((await service.execute({ type: "gateway.get" })).gateways, []);
    for (const type of ["gateway.get", "gateway.delete"] as const) {
      await t.rejects(service.execute({ type, name: "a/b \u00fc" }), { code: "GATEWAY_UNKNOWN" }, type);
    }
    const request = { from: { user: "alice", domain: DOMAIN }, to: { user: "0123" }, gateway: "none" };
    await t.rejects(service.execute({ type: "dialog.invite", request }), { code: "GATEWAY_UNKNOWN" });
  });

  test("a gateway's registration is told", async (t, home, received) => {
    const { service, farEnd, control } = home;
    await service.execute({
      type: "gateway.put",
      name: "trunk",
      from: { user: "4420", authsecret: "secret" },
      to: { domain: farEnd.gatewayAddress },
      ...(control === undefined ? {} : { control }),
    });
    await farEnd.takesRegistration("trunk");
    t.match(received.events, [
      { type: "gateway", gateway: { name: "trunk", state: "registered", expires: 3600 } },
    ]);
    const { gateways } = await service.execute({ type: "gateway.get", name: "trunk" });
    t.match(gateways, [{ state: "registered" }]);
    const expires = gateways[0]?.expires ?? 0;
    t.ok(expires > 3590 && expires <= 3600, `${expires} s left`);
  });

  test("health counts", async (t, { service }) => {
    const health = await service.execute({ type: "health" });
    t.strictSame(Object.keys(health).sort(), [
      "admits",
      "bindings",
      "calls",
      "connectionTroubles",
      "connections",
      "dialogs",
      "draining",
      "eventsLost",
      "eventsWaiting",
      "instance",
      "messages",
      "publications",
      "refused",
      "sockets",
      "started",
      "subscriptions",
      "timers",
      "transactions",
    ]);
    t.match(health, { calls: 0, dialogs: 0, bindings: 0 });
  });
}
