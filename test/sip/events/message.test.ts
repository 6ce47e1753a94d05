import t from "tap";
import { MediaswitchError } from "../../../ts/core/errors.js";
import { MessageDelivery } from "../../../ts/sip/events/message-delivery.js";
import type { SipRequest } from "../../../ts/sip/message/message.js";
import { makeResponse } from "../../../ts/sip/message/response.js";
import type { Binding } from "../../../ts/sip/registrar/bindings.js";
import type { ClientTransactionUser, TransactionLayer } from "../../../ts/sip/transaction/transaction.js";
import type { Flow } from "../../../ts/sip/transport/transport.js";
import { ManualClock } from "../../support/manual-clock.js";
import { requestTo } from "../../support/transaction-rig.js";
import type { MessageRequest } from "../../../ts/sip/sip-service.js";
import type { LadderRow, RowOptions } from "../../support/ladder.js";
import { EventBench, uriOf } from "./event-bench.js";

const hello = (options: RowOptions = {}): RowOptions => ({
  uri: uriOf("bob"),
  sdp: "Watson, come here.",
  ...options,
  headers: { "Content-Type": "text/plain", Contact: null, ...options.headers },
});

t.test("RFC 3428 §10: a MESSAGE goes from one phone to the other", async (t) => {
  const bench = new EventBench();
  bench.bind("bob", "sip:bob@198.51.100.20:5060;line=1");
  const trace = await bench.flow(t, [
    [0, "alice", "switch", "MESSAGE", hello({ headers: { Subject: "a call", "X-Own": "no" } })],
    [
      0,
      "switch",
      "bob",
      "MESSAGE",
      {
        headers: {
          From: /^<sip:alice@example.org>;tag=/,
          To: "<sip:bob@example.org>",
          "Content-Type": "text/plain",
          "Max-Forwards": "69",
          Subject: "a call",
          "X-Own": null,
          Contact: null,
        },
        sdp: "Watson, come here.",
      },
    ],
    [100, "bob", "switch", "200 OK"],
    [100, "switch", "alice", "200 OK", { headers: { Contact: null } }],
  ]);
  t.equal(trace[1]?.text.firstLine, "MESSAGE sip:bob@198.51.100.20:5060;line=1 SIP/2.0");
  t.not(
    trace[1]?.text.headers.find(([name]) => name === "call-id")?.[1],
    trace[0]?.text.headers.find(([name]) => name === "call-id")?.[1],
  );
  await bench.leavesNothing(t);
});

t.test("to all bindings at once; the first 2xx counts, what else comes is let go", async (t) => {
  const bench = new EventBench();
  bench.bind("bob");
  bench.bind("bob", "sip:bob@198.51.100.20:5080");
  await bench.flow(t, [
    [0, "alice", "switch", "MESSAGE", hello()],
    [0, "switch", "bob", "MESSAGE"],
    [0, "switch", "bob", "MESSAGE"],
    [100, "bob", "switch", "486 Busy Here"],
    [200, "bob", "switch", "200 OK"],
    [200, "switch", "alice", "200 OK"],
  ]);
  await bench.leavesNothing(t);
});

t.test(
  "what all phones refuse is refused: a 6xx before all others, then the lowest; no challenge is passed on",
  async (t) => {
    const table: [answers: string[], answer: string][] = [
      [["486 Busy Here", "415 Unsupported Media Type"], "415 Unsupported Media Type"],
      [["486 Busy Here", "603 Decline"], "603 Decline"],
      [["401 Unauthorized", "408 Request Timeout"], "480 Temporarily Unavailable"],
    ];
    for (const [[first = "", second = ""], answer] of table) {
      const bench = new EventBench();
      bench.bind("bob");
      bench.bind("bob", "sip:bob@198.51.100.20:5080");
      await bench.flow(t, [
        [0, "alice", "switch", "MESSAGE", hello()],
        [0, "switch", "bob", "MESSAGE"],
        [0, "switch", "bob", "MESSAGE"],
        [100, "bob", "switch", first],
        [200, "bob", "switch", second],
        [200, "switch", "alice", answer],
      ]);
      await bench.leavesNothing(t);
    }
  },
);

t.test("RFC 4320 §4: a phone that says nothing: 480 in time, and never 408", async (t) => {
  const bench = new EventBench();
  bench.bind("bob");
  const again = [500, 1500, 3500, 7500].map((at): LadderRow => [
    at,
    "switch",
    "bob",
    "MESSAGE",
    { retransmission: true },
  ]);
  const later = [11_500, 15_500, 19_500, 23_500, 27_500, 31_500].map((at): LadderRow => [
    at,
    "switch",
    "bob",
    "MESSAGE",
    { retransmission: true },
  ]);
  await bench.flow(t, [
    [0, "alice", "switch", "MESSAGE", hello()],
    [0, "switch", "bob", "MESSAGE"],
    ...again,
    [8000, "switch", "alice", "480 Temporarily Unavailable"],
    ...later,
  ]);
  await bench.leavesNothing(t);
});

t.test(
  "a user without a phone: control takes the message (202), or answers it by its error, or nobody is there",
  async (t) => {
    const refusing = (error: Error) => (): Promise<void> => Promise.reject(error);
    const table: [control: () => Promise<void>, user: string, answer: string][] = [
      [() => Promise.resolve(), "bob", "202 Accepted"],
      [() => Promise.resolve(), "echo", "202 Accepted"], // a service, no user
      [refusing(new Error("nobody is attached")), "bob", "480 Temporarily Unavailable"],
      [refusing(new Error("nobody is attached")), "ghost", "404 Not Found"],
      [
        refusing(new MediaswitchError("CONTROL_UNAVAILABLE", "no script")),
        "bob",
        "480 Temporarily Unavailable",
      ],
      [refusing(new MediaswitchError("CONTROL_UNAVAILABLE", "no script")), "ghost", "404 Not Found"],
      [refusing(new MediaswitchError("USER_UNKNOWN", "no such service")), "bob", "404 Not Found"],
    ];
    for (const [control, user, answer] of table) {
      const bench = new EventBench({ control });
      await bench.flow(t, [
        [0, "alice", "switch", "MESSAGE", hello({ uri: uriOf(user), sdp: "b\u00c3\u00b6rk" })],
        [0, "switch", "alice", answer],
      ]);
      t.match(bench.told, [
        {
          type: "message",
          control: "http://control.example",
          message: {
            domain: "example.org",
            user,
            from: "alice@example.org",
            contentType: "text/plain",
            content: "b\u00f6rk",
          },
        },
      ]);
      await bench.leavesNothing(t);
    }
  },
);

t.test("MESSAGEs that are refused", async (t) => {
  const table: [options: RowOptions, answer: string, headers?: Record<string, string>][] = [
    [hello({ headers: { "Max-Forwards": "0" } }), "483 Too Many Hops"],
    [hello({ sdp: "x".repeat(8193) }), "413 Request Entity Too Large"],
    [hello({ headers: { "Content-Type": null } }), "400 Missing Content-Type"],
    [hello({ headers: { From: "<sip:eve@elsewhere.example>;tag=1" } }), "403 Forbidden"],
  ];
  for (const [options, answer, headers] of table) {
    const bench = new EventBench();
    bench.bind("bob");
    await bench.flow(t, [
      [0, "alice", "switch", "MESSAGE", options],
      [0, "switch", "alice", answer, { headers: { ...headers } }],
    ]);
    t.strictSame(bench.told, []);
    await bench.leavesNothing(t);
  }
});

t.test("RFC 3428 §8: what is too long for a datagram does not go by UDP", async (t) => {
  const bench = new EventBench();
  bench.bind("bob");
  await bench.flow(t, [
    [0, "alice", "switch", "MESSAGE", hello({ sdp: "x".repeat(1200) })],
    [0, "switch", "alice", "513 Message Too Large"],
  ]);
  await bench.leavesNothing(t);
});

t.test("messages on their way are counted", async (t) => {
  const bench = new EventBench({ limits: { messages: 1 } });
  bench.bind("bob");
  await bench.flow(t, [
    [0, "alice", "switch", "MESSAGE", hello()],
    [0, "switch", "bob", "MESSAGE"],
    [10, "alice", "switch", "MESSAGE", hello()],
    [10, "switch", "alice", "503 Service Unavailable", { headers: { "Retry-After": "60" } }],
    [20, "bob", "switch", "200 OK"],
    [20, "switch", "alice", "200 OK"],
  ]);
  await bench.leavesNothing(t);
});

t.test("control sends a message and hears what became of it", async (t) => {
  const bench = new EventBench();
  bench.bind("bob");
  const request: MessageRequest = {
    from: { user: "reception", domain: "example.org", name: "R\u00e9ception" },
    to: { user: "bob" },
    content: "b\u00f6rk",
  };
  const outcomes: unknown[] = [];
  const send = (): void => {
    void bench.events.sendMessage(request).then((outcome) => outcomes.push(outcome));
  };
  await bench.flow(
    t,
    [
      [
        0,
        "switch",
        "bob",
        "MESSAGE",
        {
          headers: {
            From: /^"R\u00c3\u00a9ception" <sip:reception@example.org>;tag=/,
            "Content-Type": "text/plain",
            "Max-Forwards": "70",
          },
          sdp: "b\u00c3\u00b6rk",
        },
      ],
      [100, "bob", "switch", "200 OK"],
      [1000, "switch", "bob", "MESSAGE"],
      [1100, "bob", "switch", "486 Busy Here"],
    ],
    [
      [0, send],
      [1000, send],
    ],
  );
  t.strictSame(outcomes, [{ status: 200 }, { status: 486 }]);
  const refused = (change: Partial<MessageRequest>): Promise<unknown> =>
    bench.events.sendMessage({ ...request, ...change });
  await t.rejects(refused({ to: { user: "ghost" } }), { code: "USER_UNKNOWN" });
  await t.rejects(refused({ to: { user: "carol" } }), { code: "USER_NOT_REGISTERED" });
  await t.rejects(refused({ to: { user: "bob", domain: "elsewhere.example" } }), {
    code: "DESTINATION_UNREACHABLE",
  });
  await t.rejects(refused({ contentType: "text/plain\r\nX: y" }), {
    code: "ARGUMENT_INVALID",
    field: "contentType",
  });
  await t.rejects(refused({ content: "x".repeat(8193) }), { code: "ARGUMENT_INVALID", field: "content" });
  await t.rejects(
    refused({ from: { user: "a", domain: "not a host" }, to: { user: "bob", domain: "example.org" } }),
    { code: "ARGUMENT_INVALID" },
  );
  await bench.leavesNothing(t);
});

t.test("the outcome of a delivery is told once; of one that was abandoned, never", (t) => {
  const clock = new ManualClock();
  const users: ClientTransactionUser[] = [];
  const layer = {
    request: (request: SipRequest, to: Flow, user: ClientTransactionUser) => {
      users.push(user);
      return { request, to };
    },
  } as unknown as TransactionLayer;
  const bench = new EventBench();
  bench.bind("bob");
  const flow: Flow = { protocol: "UDP", remote: bench.phones.bob.address };
  const binding = { contact: "sip:bob@198.51.100.20", flow } as Binding;
  const outcomes: number[] = [];
  const delivery = (): MessageDelivery =>
    new MessageDelivery({ layer, clock }, ({ status }) => {
      outcomes.push(status);
    });
  const message = requestTo("MESSAGE");
  delivery().start(message, [binding, binding, binding]);
  const ok = makeResponse(message, 200);
  users[0]?.response(makeResponse(message, 100));
  users[0]?.response(ok);
  users[1]?.response(ok);
  users[2]?.failed("timeout");
  t.strictSame(outcomes, [200]);
  const abandoned = delivery();
  abandoned.start(message, [binding]);
  abandoned.abandon();
  users[3]?.response(ok);
  t.strictSame(outcomes, [200]);
  t.equal(clock.pendingTimers, 0);
  t.end();
});
