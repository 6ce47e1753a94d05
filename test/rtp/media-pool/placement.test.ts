import t from "tap";
import { leastLoaded, type Placeable } from "../../../ts/rtp/media-pool/placement.js";

interface Named extends Placeable {
  readonly name: string;
}

const server = (
  name: string,
  given: Partial<Placeable> & { active?: number; load?: number; room?: number },
): Named => {
  const { active = 0, load, room = 1000, ...rest } = given;
  return {
    name,
    state: "up",
    weight: 1,
    opening: 0,
    reported: { active, available: room, draining: false, ...(load === undefined ? {} : { load }) },
    ...rest,
  };
};

const choices: [why: string, servers: Named[], chosen: string | undefined][] = [
  ["nobody", [], undefined],
  ["the first of equals", [server("a", {}), server("b", {})], "a"],
  ["fewer channels", [server("a", { active: 3 }), server("b", { active: 2 })], "b"],
  ["three times the weight", [server("a", { active: 3 }), server("b", { active: 8, weight: 3 })], "b"],
  ["what we open there counts", [server("a", { active: 1 }), server("b", { active: 0, opening: 2 })], "a"],
  ["a busy server", [server("a", { active: 10, load: 0.8 }), server("b", { active: 30, load: 0.1 })], "b"],
  ["idle ones in turn", [server("a", { active: 1, load: 0.001 }), server("b", { load: 0.02 })], "b"],
  ["no room", [server("a", { room: 0 }), server("b", { active: 99 })], "b"],
  ["no room but for what is opened", [server("a", { room: 2, opening: 2 }), server("b", { active: 9 })], "b"],
  ["draining or down", [server("a", { state: "draining" }), server("b", { state: "down" })], undefined],
  ["suspect only where none is up", [server("a", { state: "suspect" }), server("b", { active: 9 })], "b"],
  [
    "rather suspect than none",
    [server("a", { state: "down" }), server("b", { state: "suspect", reported: undefined })],
    "b",
  ],
];

for (const [why, servers, chosen] of choices) {
  t.test(why, (t) => {
    t.equal(leastLoaded(servers)?.name, chosen);
    t.end();
  });
}

t.test("a thousand channels are spread as the weights say", (t) => {
  const active = { a: 0, b: 0, c: 0 };
  const weights = { a: 1, b: 1, c: 2 };
  for (let n = 0; n < 1000; n += 1) {
    const servers = (["a", "b", "c"] as const).map((name) =>
      server(name, { active: active[name], weight: weights[name] }),
    );
    active[leastLoaded(servers)?.name as keyof typeof active] += 1;
  }
  t.same(active, { a: 250, b: 250, c: 500 });
  t.end();
});
