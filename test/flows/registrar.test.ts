/** The registrar on the network: nonces, intervals, NATs, connections and restarts, as phones see them. */
import t, { type Test } from "tap";
import { ms, seconds, type Millis } from "../../ts/core/brand.js";
import { silentLog } from "../../ts/core/log.js";
import { LocalSipService, type LocalSipServiceOptions } from "../../ts/sip/local-sip-service.js";
import { readState } from "../../ts/sip/state/state.js";
import type { SipEvent, UserRegistration } from "../../ts/sip/sip-service.js";
import { FakeNetwork } from "../support/fake-network.js";
import { callFlow, type LadderRow, type TraceRow } from "../support/ladder.js";
import { ManualClock } from "../support/manual-clock.js";
import { ScriptedParty, type PartyOptions } from "../support/scripted-party.js";
import { SeededRandom } from "../support/seeded-random.js";
import { header } from "../support/sip-text.js";
import { transportSet } from "../support/transaction-rig.js";

const DOMAIN = "example.org";
const ALICE = { username: "alice", secret: "wonderland" };
const BOB = { username: "bob", secret: "builder" };
const WRONG = { username: "alice", secret: "guess" };
const SWITCH = { address: "192.0.2.1", port: 5060 };
const HOME = { address: "198.51.100.10", port: 5060 };
const INSIDE = { address: "192.168.1.5", port: 5060 };
const OUTSIDE = { address: "203.0.113.5", port: 1024 };

/** The SIP server on UDP and TCP: alice on a line of her own, bob behind a NAT, carl by a connection. */
class Scene {
  readonly clock: ManualClock;
  readonly random: SeededRandom;
  readonly network: FakeNetwork;
  readonly sip: LocalSipService;
  readonly events: SipEvent[] = [];
  readonly alice: ScriptedParty;
  readonly bob: ScriptedParty;
  readonly carl: ScriptedParty;
  changes = 0;

  constructor(options: Partial<LocalSipServiceOptions> & { clock?: ManualClock; seed?: number } = {}) {
    const { clock = new ManualClock(), seed = 1, ...rest } = options;
    this.clock = clock;
    this.random = new SeededRandom(seed);
    this.network = new FakeNetwork({ clock, random: this.random });
    this.sip = new LocalSipService({
      transport: transportSet(this.network, clock, SWITCH, ["UDP", "TCP"]),
      clock,
      random: this.random,
      log: silentLog,
      trusted: () => false,
      stateChanged: () => (this.changes += 1),
      ...rest,
    });
    this.sip.attach(async (event) => void this.events.push(event));
    this.alice = this.#party("alice", { local: HOME });
    this.bob = this.#party("bob", { local: INSIDE, via: OUTSIDE });
    this.carl = this.#party("carl", { local: { address: "198.51.100.30", port: 40_000 }, protocol: "TCP" });
  }

  async ready(): Promise<this> {
    const carl = { username: "carl", secret: "sagan" };
    await this.sip.execute({ type: "directory.put", domain: DOMAIN, users: [ALICE, BOB, carl] });
    return this;
  }

  flow(t: Test, rows: readonly LadderRow[], quiet?: Millis): Promise<readonly TraceRow[]> {
    return callFlow(
      t,
      {
        clock: this.clock,
        network: this.network,
        switch: SWITCH,
        parties: { alice: this.alice, bob: this.bob, carl: this.carl },
        ...(quiet === undefined ? {} : { quiet }),
      },
      rows,
    );
  }

  /** What control was told of registrations, in short; takes it out. */
  told(): string[] {
    return this.events.splice(0).map((event) => {
      if (event.type === "registered") return `${event.registration.user} registered`;
      return event.type === "deregistered" ? `${event.user} ${event.reason ?? ""}` : event.type;
    });
  }

  async registration(user: string): Promise<UserRegistration | undefined> {
    return (await this.sip.execute({ type: "registrations.domain", domain: DOMAIN, user })).users[user];
  }

  async refused(reason: string): Promise<number | undefined> {
    return (await this.sip.execute({ type: "health" })).refused[reason];
  }

  #party(user: string, options: Pick<PartyOptions, "local" | "via" | "protocol">): ScriptedParty {
    const { network, random } = this;
    return new ScriptedParty({ network, random, user, domain: DOMAIN, switch: SWITCH, ...options });
  }
}

const registers = (at: number, who: string, credentials = ALICE): LadderRow[] => [
  [at, who, "switch", "REGISTER", { expires: 600 }],
  [at, "switch", who, "401 Unauthorized"],
  [at + 10, who, "switch", "REGISTER", { expires: 600, credentials }],
  [at + 10, "switch", who, "200 OK"],
];

const textOf = (row: TraceRow | undefined): string =>
  Buffer.from(row?.datagram.octets ?? []).toString("latin1");

/** The same request in a transaction of its own, as somebody would send it again who has captured it. */
const replayed = (row: TraceRow | undefined, branch: string): string =>
  textOf(row).replace(/branch=z9hG4bK/, `branch=z9hG4bK${branch}`);

t.test(
  "RFC 7616 §3.3: a nonce that is too old is stale; the phone comes back without asking its user",
  async (t) => {
    const scene = await new Scene().ready();
    await scene.flow(t, [
      ...registers(0, "alice"),
      [299_000, "alice", "switch", "REGISTER", { expires: 600, credentials: ALICE }],
      [299_000, "switch", "alice", "200 OK"],
      [301_000, "alice", "switch", "REGISTER", { expires: 600, credentials: ALICE }],
      [301_000, "switch", "alice", "401 Unauthorized", { headers: { "WWW-Authenticate": /stale=true/ } }],
      [301_010, "alice", "switch", "REGISTER", { expires: 600, credentials: ALICE }],
      [301_010, "switch", "alice", "200 OK"],
    ]);
    t.equal(await scene.refused("digest-stale"), 1);
  },
);

t.test("RFC 7616 §5.4: a captured REGISTER sent again changes nothing, from wherever", async (t) => {
  const scene = await new Scene().ready();
  const trace = await scene.flow(t, registers(0, "alice"));
  const captured = trace.filter(({ message }) => message === "REGISTER").at(-1);
  scene.told();
  await scene.flow(t, [
    [0, "alice", "switch", "REGISTER", { raw: replayed(captured, "a") }],
    [0, "switch", "alice", "401 Unauthorized", { headers: { "WWW-Authenticate": /stale=true/ } }],
    [10, "bob", "switch", "REGISTER", { raw: replayed(captured, "b") }],
    [10, "switch", "bob", "401 Unauthorized"],
  ]);
  t.strictSame(scene.told(), []);
});

t.test("RFC 7616 §3.4: requests that overtake each other are all taken, each once", async (t) => {
  const scene = await new Scene().ready();
  await scene.flow(t, registers(0, "alice"));
  const held: LadderRow = [
    0,
    "alice",
    "switch",
    "REGISTER",
    { expires: 600, credentials: ALICE, lost: true },
  ];
  const lost = await scene.flow(t, [held, [0, "alice", "switch", "OPTIONS", { lost: true }]]);
  const overtaken = lost.find(({ message }) => message === "REGISTER");
  await scene.flow(t, [
    [0, "alice", "switch", "REGISTER", { expires: 600, credentials: ALICE, headers: { "Call-ID": "newer" } }],
    [0, "switch", "alice", "200 OK"],
    [10, "alice", "switch", "REGISTER", { raw: textOf(overtaken) }],
    [10, "switch", "alice", "200 OK"],
    [20, "alice", "switch", "REGISTER", { raw: replayed(overtaken, "again") }],
    [20, "switch", "alice", "401 Unauthorized", { headers: { "WWW-Authenticate": /stale=true/ } }],
  ]);
});

t.test("a wrong secret four times, then 503 with Retry-After; from elsewhere the user gets in", async (t) => {
  const scene = await new Scene().ready();
  const wrong = (at: number): LadderRow[] => [
    [at, "bob", "switch", "REGISTER", { credentials: WRONG, headers: { To: `<sip:alice@${DOMAIN}>` } }],
    [at, "switch", "bob", "401 Unauthorized", { headers: { "WWW-Authenticate": /realm="example.org"/ } }],
  ];
  await scene.flow(
    t,
    [
      [0, "bob", "switch", "REGISTER", { headers: { To: `<sip:alice@${DOMAIN}>` } }],
      [0, "switch", "bob", "401 Unauthorized"],
      ...[10, 20, 30, 40].flatMap(wrong),
      [50, "bob", "switch", "REGISTER", { credentials: WRONG, headers: { To: `<sip:alice@${DOMAIN}>` } }],
      [50, "switch", "bob", "503 Service Unavailable", { headers: { "Retry-After": "1" } }],
      ...registers(60, "alice"),
      [1100, "bob", "switch", "REGISTER", { credentials: ALICE, headers: { To: `<sip:alice@${DOMAIN}>` } }],
      [1100, "switch", "bob", "200 OK"],
    ],
    ms(0),
  );
  t.equal(await scene.refused("digest-failed"), 4);
  t.equal(await scene.refused("digest-slowed"), 1);
});

t.test(
  "RFC 3261 §10.3: too brief, a question, * and its conditions, and what is left each time",
  async (t) => {
    const scene = await new Scene().ready();
    const known = { credentials: ALICE };
    await scene.flow(t, [
      ...registers(0, "alice"),
      [100, "alice", "switch", "REGISTER", { ...known, expires: 59 }],
      [100, "switch", "alice", "423 Interval Too Brief", { headers: { "Min-Expires": "60" } }],
      [1000, "alice", "switch", "REGISTER", { ...known, headers: { Contact: null } }],
      [
        1000,
        "switch",
        "alice",
        "200 OK",
        { headers: { Contact: /^<sip:alice@198\.51\.100\.10:5060>;expires=600$/ } },
      ],
      [1100, "alice", "switch", "REGISTER", { ...known, contact: "*" }],
      [1100, "switch", "alice", "400 Contact * Without Expires 0"],
      [1200, "alice", "switch", "REGISTER", { ...known, contact: "*", expires: 0 }],
      [1200, "switch", "alice", "200 OK", { headers: { Contact: null } }],
    ]);
    t.strictSame(scene.told(), ["alice registered", "alice removed"]);
  },
);

t.test("RFC 3261 §8.2.2.3: extensions a REGISTER may require, and one it may not", async (t) => {
  const scene = await new Scene().ready();
  await scene.flow(t, [
    [0, "alice", "switch", "REGISTER", { headers: { Require: "path, outbound, gruu" } }],
    [0, "switch", "alice", "401 Unauthorized"],
    [10, "alice", "switch", "REGISTER", { headers: { Require: "path, pizza" } }],
    [10, "switch", "alice", "420 Bad Extension", { headers: { Unsupported: "pizza" } }],
  ]);
});

t.test(
  "RFC 3261 §10.2: whose secret it is may register, whatever From says and by whatever Route",
  async (t) => {
    const scene = await new Scene().ready();
    await scene.flow(t, [
      ...registers(0, "alice"),
      [
        100,
        "alice",
        "switch",
        "REGISTER",
        {
          credentials: ALICE,
          headers: { From: `<sip:desk@elsewhere.example>;tag=1`, Route: "<sip:192.0.2.1;lr>" },
        },
      ],
      [100, "switch", "alice", "200 OK"],
      [200, "alice", "switch", "REGISTER", { credentials: ALICE, headers: { To: `<sip:bob@${DOMAIN}>` } }],
      [200, "switch", "alice", "403 Forbidden"],
    ]);
  },
);

t.test("more Contacts than there may be are refused, whole", async (t) => {
  const scene = await new Scene().ready();
  const contacts = (count: number): string =>
    Array.from({ length: count }, (_, index) => `<sip:alice@h${index}>`).join(", ");
  await scene.flow(t, [
    ...registers(0, "alice"),
    [100, "alice", "switch", "REGISTER", { credentials: ALICE, contact: contacts(50) }],
    [100, "switch", "alice", "403 Too Many Bindings"],
    [200, "alice", "switch", "REGISTER", { credentials: ALICE, contact: contacts(500) }],
    [200, "switch", "alice", "513 Message Too Large"],
  ]);
  t.match(await scene.registration("alice"), { bindings: { length: 1 } });
});

t.test("a phone behind a NAT is asked by OPTIONS at its source every 30 s; silence removes it", async (t) => {
  const scene = await new Scene().ready();
  let at = 0;
  await scene.flow(t, registers(0, "bob", BOB), ms(0));
  await scene.clock.advance(seconds(30));
  const asked = scene.network.log.find(({ to, at }) => at > 10 && to.port === OUTSIDE.port);
  at = (asked?.at ?? 0) + 30_000 - scene.clock.now();
  t.match(Buffer.from(asked?.octets ?? []).toString(), /^OPTIONS sip:bob@192\.168\.1\.5:5060 SIP\/2\.0\r\n/);
  scene.bob.send("200 OK");
  await scene.clock.settle();
  await scene.clock.advance(ms(1));
  at -= 1;
  t.match(await scene.registration("bob"), {
    outstandingping: 0,
    remote: { host: "203.0.113.5", port: 1024 },
  });
  await scene.flow(
    t,
    [
      [at, "switch", "bob", "OPTIONS", { headers: { To: "<sip:bob@example.org>", "Max-Forwards": "70" } }],
      [at + 10, "bob", "switch", "404 Not Found"],
    ],
    ms(0),
  );
  t.match(await scene.registration("bob"), { outstandingping: 0 }, "whatever it says, it is there");
  scene.told();
  scene.network.setDirection(SWITCH, OUTSIDE, { loss: 1 });
  await scene.clock.advance(seconds(7 * 30));
  t.match(await scene.registration("bob"), { outstandingping: 7 });
  await scene.clock.advance(seconds(30));
  t.strictSame(scene.told(), ["bob ping"]);
  t.strictSame(await scene.registration("bob"), { registered: false });
  await scene.clock.advance(seconds(40));
  t.match(await scene.sip.execute({ type: "health" }), { bindings: 0, transactions: 0 });
});

t.test("RFC 3261 §18.2: a refresh by UDP from another port is where the phone is from then on", async (t) => {
  const scene = await new Scene().ready();
  await scene.flow(t, registers(0, "bob", BOB), ms(0));
  const moved = new ScriptedParty({
    network: scene.network,
    random: scene.random,
    user: "bob",
    domain: DOMAIN,
    switch: SWITCH,
    local: { ...INSIDE, port: 5062 },
    via: { ...OUTSIDE, port: 2048 },
  });
  moved.send("REGISTER", { contact: "<sip:bob@192.168.1.5:5060>" });
  await scene.clock.settle();
  await scene.clock.advance(ms(1));
  moved.send("REGISTER", { contact: "<sip:bob@192.168.1.5:5060>", credentials: BOB });
  await scene.clock.advance(ms(1));
  t.match(await scene.registration("bob"), {
    remote: { host: "203.0.113.5", port: 2048 },
    bindings: [{ contact: "sip:bob@192.168.1.5:5060" }],
  });
  await scene.clock.advance(seconds(30));
  const asked = moved.received.filter(({ firstLine }) => firstLine.startsWith("OPTIONS"));
  t.equal(asked.length > 0, true, "and where it is asked");
});

t.test("RFC 5626 §4.2: a binding by a connection ends with it", async (t) => {
  const scene = await new Scene().ready();
  const carl = { username: "carl", secret: "sagan" };
  const contact = '<sip:carl@198.51.100.30:40000;transport=tcp>;reg-id=1;+sip.instance="<urn:uuid:1>"';
  const headers = { Supported: "path, outbound" };
  await scene.flow(
    t,
    [
      [0, "carl", "switch", "REGISTER", { contact, headers }],
      [0, "switch", "carl", "401 Unauthorized"],
      [10, "carl", "switch", "REGISTER", { contact, headers, credentials: carl }],
      [10, "switch", "carl", "200 OK", { headers: { Require: "outbound", Contact: /reg-id=1/ } }],
    ],
    ms(0),
  );
  t.match(await scene.registration("carl"), { registered: true });
  scene.told();
  await scene.carl.close();
  await scene.clock.advance(ms(10));
  t.strictSame(await scene.registration("carl"), { registered: false });
  t.strictSame(scene.told(), ["carl connection"]);
});

t.test(
  "a restart with a state: who was there is there, by hashes alone, for what is left of the time",
  async (t) => {
    const before = await new Scene().ready();
    await before.flow(t, [...registers(0, "alice"), ...registers(1000, "bob", BOB)], ms(0));
    await before.flow(
      t,
      [
        [0, "carl", "switch", "REGISTER"],
        [0, "switch", "carl", "401 Unauthorized"],
        [10, "carl", "switch", "REGISTER", { credentials: { username: "carl", secret: "sagan" } }],
        [10, "switch", "carl", "200 OK"],
      ],
      ms(0),
    );
    t.ok(before.changes >= 4, "each change was told");
    const text = [...before.sip.savedState()].join("");
    t.notMatch(text, /wonderland|builder|sagan/, "no secret is written");
    await before.sip.close();

    // Another process: its monotonic clock begins anew, a hundred seconds later by the wall.
    const clock = new ManualClock((before.clock.epoch() + 100_000) as ReturnType<ManualClock["epoch"]>);
    const after = new Scene({ clock, seed: 2, saved: readState(JSON.parse(text)) });
    t.match(await after.registration("alice"), {
      registered: true,
      remote: { host: "198.51.100.10" },
      bindings: [{ contact: "sip:alice@198.51.100.10:5060", expires: 499 }],
    });
    t.strictSame(await after.registration("carl"), { registered: false }, "a connection does not survive");
    await clock.advance(seconds(1));
    t.strictSame(after.told(), ["carl connection"], "which control is told");
    await after.flow(t, [...registers(0, "alice")], ms(0));
    await clock.advance(seconds(30));
    const asked = after.network.log.some(({ octets }) =>
      Buffer.from(octets).toString().startsWith("OPTIONS sip:bob@"),
    );
    t.equal(asked, true, "phones behind NATs are asked again");
    after.network.setDirection(SWITCH, OUTSIDE, { loss: 1 });
    after.told();
    await clock.advance(seconds(500));
    t.ok(after.told().some((line) => line.startsWith("bob ")));
    const { instance } = await after.sip.execute({ type: "health" });
    t.not(instance, (await new Scene({ seed: 3 }).sip.execute({ type: "health" })).instance);
  },
);

t.test("what ran out while the server was down is told, unless its user is gone as well", async (t) => {
  const before = await new Scene().ready();
  await before.flow(t, [...registers(0, "alice"), ...registers(1000, "bob", BOB)], ms(0));
  await before.sip.execute({ type: "directory.patch", domain: DOMAIN, users: [] });
  const state = readState(JSON.parse([...before.sip.savedState()].join("")));
  const clock = new ManualClock((before.clock.epoch() + 3_600_000) as ReturnType<ManualClock["epoch"]>);
  const [domain] = state.domains;
  const users = domain?.users.filter(({ username }) => username !== "bob") ?? [];
  const after = new Scene({ clock, saved: { ...state, domains: [{ ...domain!, users }] } });
  t.strictSame(await after.registration("alice"), { registered: false });
  await clock.advance(seconds(1));
  t.strictSame(after.told(), ["alice expired"]);
  t.equal(clock.pendingTimers, 0);
});

t.test("a phone that is back before control was told was never gone", async (t) => {
  const before = await new Scene().ready();
  await before.flow(t, registers(0, "alice"), ms(0));
  const saved = readState(JSON.parse([...before.sip.savedState()].join("")));
  const clock = new ManualClock((before.clock.epoch() + 3_600_000) as ReturnType<ManualClock["epoch"]>);
  const after = new Scene({ clock, saved });
  await after.flow(t, registers(0, "alice"), seconds(5));
  t.strictSame(after.told(), ["alice registered"]);
});

t.test("credentials are the same whoever is claimed: 401, 401, header for header", async (t) => {
  const answers: (string | undefined)[][] = [];
  for (const username of ["alice", "mallory"]) {
    const scene = await new Scene().ready();
    const trace = await scene.flow(t, [
      [0, "alice", "switch", "REGISTER"],
      [0, "switch", "alice", "401 Unauthorized"],
      [10, "alice", "switch", "REGISTER", { credentials: { username, secret: "guess" } }],
      [10, "switch", "alice", "401 Unauthorized"],
    ]);
    const last = trace.at(-1)?.text;
    const challenge = header(last!, "www-authenticate")?.replace(/nonce="[0-9a-f]+"/, "");
    answers.push([last?.firstLine, challenge, ...(last?.headers.map(([name]) => name) ?? [])]);
  }
  t.strictSame(answers[1], answers[0]);
});

t.test(
  "RFC 5627 §5.2: a call to one phone's public GRUU rings that phone alone, and control is told which was dialled",
  async (t) => {
    const scene = new Scene({ trusted: () => true });
    await scene.ready();
    const instance = (number: number): string => `+sip.instance="<urn:uuid:${number}>"`;
    const headers = { Supported: "gruu" };
    await scene.flow(
      t,
      [
        [
          0,
          "alice",
          "switch",
          "REGISTER",
          { headers, contact: `<sip:alice@198.51.100.10:5060>;${instance(1)}` },
        ],
        [
          0,
          "switch",
          "alice",
          "200 OK",
          { headers: { Contact: /pub-gruu="sip:alice@example\.org;gr=urn:uuid:1"/ } },
        ],
        [
          10,
          "bob",
          "switch",
          "REGISTER",
          {
            contact: `<sip:alice@203.0.113.5:1024>;${instance(2)}`,
            headers: { ...headers, To: `<sip:alice@${DOMAIN}>` },
          },
        ],
        [10, "switch", "bob", "200 OK"],
      ],
      ms(0),
    );
    const from = { user: "carl", domain: DOMAIN };
    const invite = (gr: string): Promise<object> =>
      scene.sip.execute({
        type: "dialog.invite",
        request: { callid: gr, from, to: { user: "alice", gr }, sdp: "v=0\r\n" },
      });
    await t.rejects(invite("urn:uuid:3"), { code: "USER_NOT_REGISTERED" });
    scene.clock.after(ms(0), () => void invite("urn:uuid:2"));
    await scene.flow(
      t,
      [
        [0, "switch", "bob", "INVITE"],
        [10, "bob", "switch", "486 Busy Here"],
        [10, "switch", "bob", "ACK"],
      ],
      ms(0),
    );
    scene.events.splice(0);
    await scene.flow(
      t,
      [
        [0, "bob", "switch", "INVITE", { uri: `sip:alice@${DOMAIN};gr=urn:uuid:1`, sdp: "v=0\r\n" }],
        [0, "switch", "bob", "100 Trying"],
      ],
      ms(0),
    );
    t.match(scene.events, [{ type: "dialog", cause: "new", info: { to: "alice", gr: "urn:uuid:1" } }]);
  },
);
