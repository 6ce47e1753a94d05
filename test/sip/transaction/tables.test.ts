import t from "tap";
import { ms } from "../../../ts/core/brand.js";
import { inviteClient } from "../../../ts/sip/transaction/invite-client.js";
import { inviteServer } from "../../../ts/sip/transaction/invite-server.js";
import type { Action, Row } from "../../../ts/sip/transaction/machine.js";
import { nonInviteClient } from "../../../ts/sip/transaction/non-invite-client.js";
import { nonInviteServer } from "../../../ts/sip/transaction/non-invite-server.js";
import { RunningMachine } from "../../../ts/sip/transaction/running-machine.js";
import { timerValues, type TimerName } from "../../../ts/sip/transaction/timers.js";
import { ManualClock } from "../../support/manual-clock.js";

type AnyRow = Row<string, string, TimerName>;
type AnyTable = Readonly<Record<string, Readonly<Record<string, AnyRow | "ignore">>>>;

const tables: Readonly<Record<string, AnyTable>> = {
  "invite-client": inviteClient,
  "non-invite-client": nonInviteClient,
  "invite-server": inviteServer,
  "non-invite-server": nonInviteServer,
};

/**
 * Every transition of the figures (RFC 3261 Figures 5 to 8 with RFC 6026, and the additions named at the tables),
 * written down a second time from the standard: input, then state → state. What is not here is ignored.
 */
const transitions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "invite-client": {
    request: "idle→calling",
    "100": "calling→proceeding proceeding→proceeding",
    "1xx": "calling→proceeding proceeding→proceeding",
    "2xx": "calling→accepted proceeding→accepted accepted→accepted",
    "3xx-6xx": "calling→completed proceeding→completed completed→completed",
    "timer A": "calling→calling",
    "timer B": "calling→terminated proceeding→terminated",
    "timer C": "proceeding→proceeding",
    "timer D": "completed→terminated",
    "timer M": "accepted→terminated",
    "transport error": "calling→terminated proceeding→terminated completed→terminated",
    cancel: "proceeding→proceeding",
  },
  "non-invite-client": {
    request: "idle→trying",
    "1xx": "trying→proceeding proceeding→proceeding",
    "2xx-6xx": "trying→completed proceeding→completed",
    "timer E": "trying→trying proceeding→proceeding",
    "timer F": "trying→terminated proceeding→terminated",
    "timer K": "completed→terminated",
    "transport error": "trying→terminated proceeding→terminated",
  },
  "invite-server": {
    request: "idle→proceeding proceeding→proceeding completed→completed challenged→challenged",
    ACK: "accepted→accepted completed→confirmed challenged→confirmed",
    "send 1xx": "proceeding→proceeding",
    "send 2xx": "proceeding→accepted accepted→accepted",
    "send 401/407": "proceeding→challenged",
    "send 3xx-6xx": "proceeding→completed",
    "timer G": "completed→completed",
    "timer H": "completed→terminated challenged→terminated",
    "timer I": "confirmed→terminated",
    "timer L": "accepted→terminated",
    "transport error": "proceeding→proceeding accepted→accepted completed→completed challenged→challenged",
  },
  "non-invite-server": {
    request: "idle→trying proceeding→proceeding completed→completed",
    "send 1xx": "trying→proceeding proceeding→proceeding",
    "send 2xx-6xx": "trying→completed proceeding→completed",
    "timer F": "trying→terminated proceeding→terminated",
    "timer J": "completed→terminated",
    "transport error": "proceeding→proceeding completed→completed",
  },
};

const rowsOf = (table: AnyTable): { state: string; input: string; row: AnyRow | "ignore" }[] =>
  Object.entries(table).flatMap(([state, inputs]) =>
    Object.entries(inputs).map(([input, row]) => ({ state, input, row })),
  );

const actionsOf = (row: AnyRow | "ignore"): Action<string, TimerName>[] =>
  row === "ignore" ? [] : row.slice(1);

/** The shortest series of inputs from "idle" to each state. */
function pathsFrom(table: AnyTable): Map<string, string[]> {
  const paths = new Map<string, string[]>([["idle", []]]);
  for (const [state, path] of paths) {
    for (const [input, row] of Object.entries(table[state] ?? {})) {
      if (row !== "ignore" && !paths.has(row[0])) paths.set(row[0], [...path, input]);
    }
  }
  return paths;
}

for (const [name, table] of Object.entries(tables)) {
  t.test(`${name}: the transitions are those of the standard`, (t) => {
    const expected = new Map<string, string>();
    for (const [input, arrows] of Object.entries(transitions[name] ?? {})) {
      for (const arrow of arrows.split(" ")) {
        const [from = "", to = ""] = arrow.split("→");
        expected.set(`${from} + ${input}`, to);
      }
    }
    for (const { state, input, row } of rowsOf(table)) {
      const where = `${state} + ${input}`;
      t.equal(row === "ignore" ? undefined : row[0], expected.get(where), where);
      expected.delete(where);
    }
    t.same([...expected.keys()], [], "none is missing");
    t.end();
  });

  t.test(`${name}: every row, run by a machine that got to its state on its own way`, (t) => {
    const paths = pathsFrom(table);
    for (const { state, input, row } of rowsOf(table)) {
      const clock = new ManualClock();
      const performed: string[] = [];
      let ended = 0;
      const machine = new RunningMachine<string, string, string, TimerName>(table, "idle", {
        clock,
        timers: timerValues(),
        perform: (effect) => performed.push(effect),
        ended: () => (ended += 1),
      });
      for (const passed of paths.get(state) ?? []) machine.input(passed);
      t.equal(machine.state, state, `gets to ${state}`);
      const before = clock.pendingTimers;
      const endedBefore = ended;
      performed.length = 0;
      machine.input(input);
      const where = `${state} + ${input}`;
      t.equal(machine.state, row === "ignore" ? state : row[0], where);
      t.same(
        performed,
        actionsOf(row).filter((action) => typeof action === "string"),
        `${where}: effects in order`,
      );
      if (row === "ignore") t.equal(clock.pendingTimers, before, `${where}: touches no timer`);
      if (machine.state === "terminated") {
        t.equal(clock.pendingTimers, 0, `${where}: leaves no timer`);
        t.equal(ended, endedBefore + (state === "terminated" ? 0 : 1), `${where}: ends once`);
      }
    }
    t.end();
  });

  t.test(`${name}: a timer that runs is heard, one that is heard can run`, (t) => {
    // Which timers may be running in a state, by all ways to get there.
    const running = new Map<string, Set<TimerName>>();
    let isChanged = true;
    while (isChanged) {
      isChanged = false;
      for (const { state, input, row } of rowsOf(table)) {
        if (row === "ignore" || row[0] === "terminated") continue;
        const after = new Set(running.get(state));
        if (input.startsWith("timer ")) after.delete(input.slice(6) as TimerName);
        for (const action of actionsOf(row)) {
          if (typeof action === "string") continue;
          if ("start" in action) after.add(action.start);
          else if ("stop" in action) after.delete(action.stop);
          else after.add(action.again);
        }
        const known = running.get(row[0]) ?? new Set<TimerName>();
        const merged = new Set([...known, ...after]);
        if (merged.size > known.size) isChanged = true;
        running.set(row[0], merged);
      }
    }
    for (const { state, input, row } of rowsOf(table)) {
      if (!input.startsWith("timer ")) continue;
      const mayRun = running.get(state)?.has(input.slice(6) as TimerName) === true;
      t.equal(row !== "ignore", mayRun, `${state} + ${input}`);
    }
    t.end();
  });

  t.test(
    `${name}: left alone, it ends by its timers${name === "invite-server" ? " once answered" : ""}`,
    async (t) => {
      for (const [state, path] of pathsFrom(table)) {
        if (state === "idle" || (name === "invite-server" && state === "proceeding")) continue;
        const clock = new ManualClock();
        const machine = new RunningMachine<string, string, string, TimerName>(table, "idle", {
          clock,
          timers: timerValues(),
          perform: () => undefined,
          ended: () => undefined,
        });
        for (const input of path) machine.input(input);
        await clock.advance(ms(400_000));
        t.equal(machine.state, "terminated", `from ${state}`);
        t.equal(clock.pendingTimers, 0);
      }
    },
  );
}

t.test("over a reliable transport nothing is repeated and Completed ends at once", async (t) => {
  const clock = new ManualClock();
  const performed: string[] = [];
  const owner = {
    clock,
    timers: timerValues({}, "reliable"),
    perform: (effect: string) => performed.push(`${String(clock.now())} ${effect}`),
    ended: () => performed.push(`${String(clock.now())} ended`),
  };
  const client = new RunningMachine(inviteClient as never, "idle", owner) as unknown as {
    input(input: string): void;
  };
  client.input("request");
  await clock.advance(ms(20_000));
  client.input("3xx-6xx");
  await clock.advance(ms(0));
  t.same(performed, ["0 send request", "20000 send ACK", "20000 deliver", "20000 ended"]);
  t.equal(clock.pendingTimers, 0);
});
