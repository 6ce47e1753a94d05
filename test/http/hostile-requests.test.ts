/** Whatever is sent to any route of any component: a body its schema refuses is answered 400, and nothing is done. */
import fc from "fast-check";
import t from "tap";
import { MediaswitchError } from "../../ts/core/errors.js";
import { silentLog } from "../../ts/core/log.js";
import { HttpRefusal, toProblem } from "../../ts/http/problem.js";
import { NOTHING, type Route } from "../../ts/http/route-table.js";
import { HttpServer } from "../../ts/http/server.js";
import { SAMPLES, componentTables, type Tables } from "./component-tables.js";
import { call } from "./raw-http.js";
import { V1_SAMPLES, v1Table } from "./v1-table.js";

/** A busy machine takes its time for a thousand requests. */
t.setTimeout(120_000);

const COMPONENTS = ["sip", "rtp", "control"] as const satisfies (keyof Tables)[];
const reached: string[] = [];
const ofComponents = componentTables((what) => reached.push(what));
const tables: Tables = {
  ...ofComponents,
  control: { ...ofComponents.control, ...v1Table((what) => reached.push(what)) },
};

interface Row {
  readonly name: string;
  readonly path: string;
  readonly method: string;
  readonly route: Route;
  readonly sample: unknown;
}

const rows: Row[] = COMPONENTS.flatMap((component) =>
  Object.entries(tables[component]).flatMap(([pattern, methods]) =>
    Object.entries(methods).flatMap(([method, route]) =>
      route.body === NOTHING || method === "DELETE"
        ? []
        : [
            {
              name: `${component}: ${method} ${pattern}`,
              path: pattern,
              method,
              route,
              sample: SAMPLES[component][pattern] ?? V1_SAMPLES[pattern],
            },
          ],
    ),
  ),
);

/** Names for whatever the path wants. */
const path = new Proxy({}, { get: () => "name" }) as Readonly<Record<string, string>>;

/** What the route says to a body, without the network: status, and whether the service was reached. */
async function answer(
  route: Route,
  body: unknown,
): Promise<{ status: number; isReached: boolean; problem?: object }> {
  reached.length = 0;
  try {
    await route.answer({ path, body });
    return { status: 200, isReached: reached.length > 0 };
  } catch (error) {
    const problem = toProblem(error);
    return { status: problem.status, isReached: reached.length > 0, problem };
  }
}

t.test("every route that reads a body has a sample, and takes it", async (t) => {
  for (const { name, route, sample } of rows) {
    t.ok(sample !== undefined, `${name}: has a sample in component-tables.ts`);
    t.match(await answer(route, sample), { status: 200, isReached: true }, name);
  }
});

/** Every way to spoil one value somewhere inside: another type, or a field more. */
function spoiled(value: unknown): fc.Arbitrary<unknown> {
  const wrong = fc.oneof(
    fc.constantFrom<unknown>(null, [], {}, true, -1, 1.5, 1e308, "", "\r\n", "\0", "x".repeat(5000)),
    fc.jsonValue(),
  );
  if (Array.isArray(value) && value.length > 0) {
    return fc.oneof(
      wrong,
      spoiled(value[0]).map((first) => [first, ...(value as unknown[]).slice(1)]),
    );
  }
  if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
    const fields = value as Record<string, unknown>;
    return fc.oneof(
      { weight: 1, arbitrary: wrong },
      { weight: 1, arbitrary: fc.constantFrom(...Object.keys(fields)).map((key) => without(fields, key)) },
      { weight: 1, arbitrary: fc.string({ minLength: 1 }).map((key) => ({ ...fields, [`x${key}`]: 1 })) },
      { weight: 1, arbitrary: fc.constant(JSON.parse(`{"__proto__":{"callid":"c"}}`) as unknown) },
      {
        weight: 4,
        arbitrary: fc
          .constantFrom(...Object.keys(fields))
          .chain((key) => spoiled(fields[key]).map((inner) => ({ ...fields, [key]: inner }))),
      },
    );
  }
  return wrong;
}

const without = (fields: Record<string, unknown>, key: string): object =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key));

/** Whether the schema takes it; a refusal that is thrown from within counts as no. */
function isTaken(route: Route, body: unknown): boolean {
  try {
    return route.body !== NOTHING && route.body.safeParse(body).success;
  } catch (error) {
    if (error instanceof MediaswitchError || error instanceof HttpRefusal) return false;
    throw error;
  }
}

t.test("property: a spoiled body is refused as the caller's fault and reaches nobody", async (t) => {
  for (const { name, route, sample } of rows) {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(spoiled(sample), async (body) => {
        const said = await answer(route, body);
        if (isTaken(route, body)) return said.status < 500;
        refused += 1;
        return said.status === 400 && !said.isReached;
      }),
      { numRuns: 60, seed: 4 },
    );
    t.ok(refused > 3, `${name}: ${refused} of 60 refused`);
  }
});

/** Those that take what older or newer peers send along; of control that is all but what people ask of it. */
const LENIENT = new Set(["rtp: POST /", "rtp: POST /channel"]);
const isLenient = (name: string): boolean =>
  LENIENT.has(name) ||
  (name.startsWith("control: ") && name !== "control: POST /invite" && !/ \/(rtp|v1\/)/.test(name));

t.test("a field that we don't know is refused wherever something is asked of us", async (t) => {
  for (const { name, route, sample } of rows) {
    const one: unknown = Array.isArray(sample) ? sample[0] : sample;
    const said = await answer(route, { ...(one as object), nonsense: 1 });
    if (isLenient(name)) t.equal(said.status, 200, name);
    else t.match(said, { status: 400, isReached: false, problem: { field: "nonsense" } }, name);
  }
});

t.test("over the wire: wrong JSON, wrong types, sizes, depths and encodings", async (t) => {
  for (const component of COMPONENTS) {
    const server = await HttpServer.open({
      host: "127.0.0.1",
      port: 0,
      log: silentLog,
      routes: tables[component],
    });
    t.teardown(() => server.close());
    for (const { name, path: pattern, method } of rows.filter((row) =>
      row.name.startsWith(`${component}:`),
    )) {
      const target = pattern.replace(/[{}]/g, "").replaceAll(/:\w+/g, "name");
      const bodies: [what: string, body: string, status: number, headers?: Record<string, string>][] = [
        ["no JSON", '{"callid":', 400],
        ["a form", "callid=c&reason=x", 400, { "content-type": "application/x-www-form-urlencoded" }],
        ["a bare value", '"text"', 400],
        ["too deep", `{"callid":${"[".repeat(99)}${"]".repeat(99)}}`, 400],
        ["not UTF-8, they say", "{}", 415, { "content-type": "application/json; charset=utf-99" }],
        ["packed in a way we don't know", "{}", 415, { "content-encoding": "rot13" }],
        ["packed, they say", "{}", 400, { "content-encoding": "gzip" }],
      ];
      for (const [what, body, status, headers] of bodies) {
        reached.length = 0;
        const said = await call(server.address, method, target, body, headers);
        t.equal(said.status, status, `${name}: ${what}`);
        t.match(said.headers.get("content-type"), "application/problem+json");
        t.strictSame(reached, []);
      }
    }
    reached.length = 0;
    const large = await call(
      server.address,
      "PUT",
      rows[0]?.path ?? "",
      `"${"x".repeat(10 * 1024 * 1024)}"`,
    ).catch(() => undefined);
    if (large !== undefined) t.equal(large.status, component === "sip" ? 413 : large.status);
    t.strictSame(reached, [], `${component}: ten megabytes`);
  }
});
