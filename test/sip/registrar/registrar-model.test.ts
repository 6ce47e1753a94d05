/** Random REGISTERs and pauses against the simplest thing that could be right. */
import fc from "fast-check";
import t from "tap";
import { seconds } from "../../../ts/core/brand.js";
import type { RegistrationEvent } from "../../../ts/sip/registrar/registrar.js";
import type { Flow } from "../../../ts/sip/transport/transport.js";
import { bench, contactOf, DOMAIN, flowFrom, flowOver } from "./bench.js";

interface Row {
  readonly user: string;
  readonly contact: string;
  /** 0 is UDP. */
  readonly connection: number;
  readonly callId: string;
  readonly cseq: number;
  readonly due: number;
}

type Step =
  | { readonly type: "wait"; readonly seconds: number }
  | { readonly type: "remove-user"; readonly user: string }
  | { readonly type: "close"; readonly connection: number }
  | { readonly type: "flow"; readonly user: string; readonly regId: number; readonly connection: number }
  | {
      readonly type: "register";
      readonly user: string;
      readonly contact: "*" | readonly { readonly host: string; readonly expires: number }[];
      readonly expires: number;
      readonly callId: string;
      readonly cseq: number;
      readonly connection: number;
    };

const USERS = ["alice", "bob"];
const LIMITS = { bindingsPerUser: 3, minExpires: 60, maxExpires: 300 };

/** A table of all bindings, and what a REGISTER does to it in as many words as §10.3 has. */
class Model {
  rows: readonly Row[] = [];
  now = 0;
  readonly users = new Set(USERS);
  readonly #told: string[] = [];

  told(): string[] {
    return this.#told.splice(0);
  }

  wait(by: number): void {
    for (let second = 0; second < by; second += 1) {
      this.now += 1;
      this.#replace(
        this.rows.filter((row) => row.due > this.now),
        "expired",
      );
    }
  }

  close(connection: number): void {
    this.#replace(
      this.rows.filter((row) => row.connection !== connection),
      "connection",
    );
  }

  /** A phone keeps a flow by reg-id (RFC 5626 §6): one row for each, whatever else there is. */
  flow({ user, regId, connection }: Extract<Step, { type: "flow" }>, callId: string): number {
    if (!this.users.has(user)) return 404;
    const contact = `sip:flow-${regId}`;
    const others = this.rows.filter((row) => row.user !== user || row.contact !== contact);
    const own = this.rows.filter((row) => row.user === user);
    const left = own.filter((row) => row.contact !== contact).length + 1;
    if (left > Math.max(3, own.length)) return 403;
    const row = { user, contact, connection, callId, cseq: 1, due: this.now + 300 };
    this.#replace([...others, row]);
    this.#told.push(`registered ${user}`);
    return 200;
  }

  removeUser(user: string): void {
    this.users.delete(user);
    this.#replace(
      this.rows.filter((row) => row.user !== user),
      "removed",
    );
  }

  register(step: Extract<Step, { type: "register" }>): number {
    const { user, contact, callId, cseq, connection } = step;
    if (!this.users.has(user)) return 404;
    const own = this.rows.filter((row) => row.user === user);
    const others = this.rows.filter((row) => row.user !== user);
    const isOld = (row: Row): boolean => row.callId === callId && row.cseq >= cseq;
    if (contact === "*") {
      if (step.expires !== 0) return 400;
      if (own.some(isOld)) return 500;
      this.#replace(others, "removed");
      return 200;
    }
    if (contact.some(({ expires }) => expires > 0 && expires < 60)) return 423;
    const named = own.filter((row) => contact.some(({ host }) => row.contact === `sip:${host}`));
    if (named.some(isOld)) return 500;
    const next = new Map(own.map((row) => [row.contact, row]));
    for (const { host, expires } of contact) {
      const uri = `sip:${host}`;
      next.delete(uri);
      if (expires > 0) {
        const due = this.now + Math.min(expires, 300);
        next.set(uri, { user, contact: uri, connection, callId, cseq, due });
      }
    }
    if (next.size > Math.max(3, own.length)) return 403;
    this.#replace([...others, ...next.values()], "removed");
    if (contact.length > 0 && next.size > 0) this.#told.push(`registered ${user}`);
    return 200;
  }

  #replace(rows: readonly Row[], why = ""): void {
    for (const user of USERS) {
      const isHis = (row: Row): boolean => row.user === user;
      if (this.rows.some(isHis) && !rows.some(isHis)) this.#told.push(`deregistered ${user} ${why}`);
    }
    this.rows = rows;
  }
}

const expires = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 59 }) },
  { weight: 6, arbitrary: fc.integer({ min: 60, max: 400 }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("register" as const),
      user: fc.constantFrom(...USERS),
      contact: fc.oneof(
        { weight: 1, arbitrary: fc.constant("*" as const) },
        {
          weight: 8,
          arbitrary: fc.array(fc.record({ host: fc.constantFrom("h1", "h2", "h3", "h4", "h5"), expires }), {
            maxLength: 4,
          }),
        },
      ),
      expires: fc.constantFrom(0, 0, 100),
      callId: fc.constantFrom("c1", "c2", "c3"),
      cseq: fc.integer({ min: 1, max: 40 }),
      connection: fc.constantFrom(0, 0, 1, 2),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("flow" as const),
      user: fc.constantFrom(...USERS),
      regId: fc.constantFrom(1, 2),
      connection: fc.constantFrom(1, 2, 3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("close" as const), connection: fc.constantFrom(1, 2, 3) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 200 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("remove-user" as const), user: fc.constantFrom(...USERS) }),
  },
);

const flowBy = (connection: number): Flow =>
  connection === 0 ? flowFrom("192.0.2.7") : flowOver(connection);

const named = (event: RegistrationEvent): string =>
  event.type === "registered"
    ? `registered ${event.registration.user}`
    : `deregistered ${event.user} ${event.reason ?? ""}`;

t.test("the registrar does what the model does", async (t) => {
  const statuses = new Map<number, number>();
  const reasons = new Set<string>();
  let flows = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { clock, directory, registrar, register, told } = bench(LIMITS);
      const model = new Model();
      model.removeUser("carol");
      for (const one of steps) {
        switch (one.type) {
          case "wait":
            model.wait(one.seconds);
            await clock.advance(seconds(one.seconds));
            break;
          case "remove-user":
            model.removeUser(one.user);
            directory.delete(DOMAIN, one.user);
            break;
          case "close":
            model.close(one.connection);
            registrar.connectionClosed(flowBy(one.connection));
            break;
          case "flow": {
            const { user, regId, connection } = one;
            flows += 1;
            const callId = `flow ${flows}`;
            const contact = [
              contactOf(`sip:flow-${regId}`, { "reg-id": String(regId), "+sip.instance": `"<urn:${user}>"` }),
            ];
            const asked = { user, contact, callId, cseq: 1, expires: 300, supported: ["outbound"] };
            const { status } = register({ ...asked, from: flowBy(connection) });
            if (status !== model.flow(one, callId)) return false;
            break;
          }
          case "register": {
            const contact =
              one.contact === "*"
                ? "*"
                : one.contact.map(({ host, expires: life }) =>
                    contactOf(`sip:${host}`, { expires: String(life) }),
                  );
            const { status } = register({ ...one, contact, from: flowBy(one.connection) });
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            if (status !== model.register(one)) return false;
            break;
          }
        }
        const seen = USERS.flatMap((user) =>
          [...registrar.bindings()]
            .filter((row) => row.user === user)
            .map((row) => `${user} ${row.contact} ${row.cseq} ${row.expiresAt}`),
        );
        const wanted = model.rows.map((row) => `${row.user} ${row.contact} ${row.cseq} ${row.due * 1000}`);
        if (seen.sort().join() !== wanted.sort().join()) return false;
        if (registrar.count !== model.rows.length) return false;
        const heard = told();
        for (const event of heard) if (event.type === "deregistered") reasons.add(event.reason ?? "");
        if (heard.map(named).sort().join() !== model.told().sort().join()) return false;
        if (clock.pendingTimers !== (model.rows.length > 0 ? 1 : 0)) return false;
      }
      return true;
    }),
    { numRuns: 200 },
  );
  for (const status of [200, 400, 403, 404, 423, 500]) {
    t.ok((statuses.get(status) ?? 0) > 0, `${status} was seen`);
  }
  t.strictSame([...reasons].sort(), ["connection", "expired", "removed"]);
});
