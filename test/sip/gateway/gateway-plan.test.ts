import t from "tap";
import { readGatewaySettings, registersAlike } from "../../../ts/sip/gateway/gateway-plan.js";
import { registrationTable } from "../../../ts/sip/gateway/registration-table.js";
import type { GatewaySettings } from "../../../ts/sip/sip-service.js";
import { GatewayBench, TRUNK } from "./gateway-bench.js";

const settings = (more: Partial<GatewaySettings> = {}): GatewaySettings => ({
  from: { user: "4420" },
  to: { domain: "trunk.example" },
  ...more,
});

t.test("what is left out is filled in", (t) => {
  t.match(readGatewaySettings(settings()), {
    domain: "trunk.example",
    aor: "sip:4420@trunk.example",
    username: "4420",
    register: false,
    expires: 3600,
    proxy: undefined,
    sources: [],
  });
  const full = readGatewaySettings(
    settings({
      from: { user: "a b", domain: "accounts.example", authuser: "auth", authsecret: "s" },
      to: { domain: "[2001:db8::1]:5070;transport=tls" },
      proxy: "sip:proxy.example",
    }),
  );
  t.match(full, {
    server: { host: "[2001:db8::1]", port: 5070, params: { transport: "tls" } },
    aor: "sip:a%20b@accounts.example",
    username: "auth",
    register: true,
    proxy: { uri: "sip:proxy.example;lr" },
  });
  t.end();
});

t.test("what can't be is refused with its field, and changes nothing", async (t) => {
  const rows: readonly (readonly [field: string, more: Partial<GatewaySettings>])[] = [
    ["from.user", { from: { user: "" } }],
    ["from.domain", { from: { user: "a", domain: "b@c" } }],
    ["from.domain", { from: { user: "a", domain: "" } }],
    ["to.domain", { to: { domain: "" } }],
    ["to.domain", { to: { domain: "user@trunk.example" } }],
    ["to.domain", { to: { domain: "trunk.example?Subject=x" } }],
    ["to.domain", { to: { domain: "trunk.example>;x=<sip:y" } }],
    ["to.domain", { to: { domain: "trunk.example\r\nX: y" } }],
    ["proxy", { proxy: "tel:1" }],
    ["proxy", { proxy: "sip:p.example?Route=x" }],
    ["expires", { expires: 59 }],
    ["expires", { expires: 86_401 }],
    ["expires", { expires: 60.5 }],
    ["sources[1]", { sources: ["192.0.2.1", "everybody"] }],
    ["sources", { sources: Array.from({ length: 65 }, () => "192.0.2.1") }],
  ];
  const bench = new GatewayBench();
  await bench.put(settings({ register: false }));
  const before = await bench.info();
  for (const [field, more] of rows) {
    await t.rejects(bench.put(settings(more)), { code: "ARGUMENT_INVALID", field }, JSON.stringify(more));
  }
  for (const name of ["", "x".repeat(65)]) {
    await t.rejects(bench.put(settings(), name), { code: "ARGUMENT_INVALID", field: "name" });
  }
  t.strictSame(await bench.info(), before);
});

t.test("bounded in number; one that is there can still be changed", async (t) => {
  const bench = new GatewayBench();
  for (let index = 0; index < 100; index++)
    await bench.put({ ...TRUNK, register: false }, `gateway-${index}`);
  await t.rejects(bench.put({ ...TRUNK, register: false }, "one-more"), { code: "GATEWAYS_FULL" });
  t.strictSame(await bench.put({ ...TRUNK, register: false }, "gateway-7"), { created: false });
  await bench.sip.execute({ type: "gateway.delete", name: "gateway-7" });
  t.strictSame(await bench.put({ ...TRUNK, register: false }, "one-more"), { created: true });
});

t.test("which changes need another registration", (t) => {
  const base = readGatewaySettings(TRUNK);
  const alike = (more: Partial<GatewaySettings>): boolean =>
    registersAlike(base, readGatewaySettings({ ...TRUNK, ...more }));
  t.ok(
    alike({}) &&
      alike({ control: "http://x" }) &&
      alike({ sources: ["192.0.2.1"] }) &&
      alike({ domain: "d" }),
  );
  t.ok(alike({ expires: 3600, register: true }), "the same, said aloud");
  for (const more of [
    { expires: 600 },
    { register: false },
    { proxy: "sip:p.example" },
    { to: { domain: "trunk.example.net:5061" } },
    { from: { ...TRUNK.from, authsecret: "other" } },
    { from: { ...TRUNK.from, authuser: "other" } },
    { from: { ...TRUNK.from, domain: "other.example" } },
  ]) {
    t.notOk(alike(more), JSON.stringify(more));
  }
  t.end();
});

t.test("the table: every way out of a state, written down a second time", (t) => {
  const transitions: Readonly<Record<string, string>> = {
    start: "unregistered→registering",
    accepted: "registering→registered refreshing→registered unregistering→ended",
    "too brief": "registering→registering refreshing→refreshing unregistering→ended",
    refused: "registering→failed refreshing→failed unregistering→ended",
    "no answer": "registering→failed refreshing→failed unregistering→ended",
    due: "registered→refreshing failed→registering",
    stop: "unregistered→ended registering→unregistering registered→unregistering refreshing→unregistering failed→ended",
  };
  for (const [input, wanted] of Object.entries(transitions)) {
    const found = Object.entries(registrationTable).flatMap(([state, rows]) => {
      const row = rows[input as keyof typeof rows];
      return row === "ignore" ? [] : [`${state}→${row.next}`];
    });
    t.equal(found.join(" "), wanted, input);
  }
  t.end();
});
