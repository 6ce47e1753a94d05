/** Gateways outlive the SIP server, where it keeps a state file. */
import t from "tap";
import { readState } from "../../../ts/sip/state/state.js";
import { ACCOUNT, GatewayBench, TRUNK } from "./gateway-bench.js";

const kept = (bench: GatewayBench): unknown => JSON.parse([...bench.sip.savedState()].join(""));

t.test("a gateway is there again, with all its settings, and registers", async (t) => {
  let changes = 0;
  const before = new GatewayBench({ stateChanged: () => (changes += 1) });
  const settings = { ...TRUNK, domain: "example.org", sources: ["198.51.100.0/24"], expires: 600 };
  await before.put(settings);
  await before.put({ ...TRUNK, from: { user: "4421" }, register: false }, "second");
  t.equal(changes, 2, "the file is written anew");
  await before.put({ ...TRUNK, from: { user: "4422" }, register: false }, "third");
  await before.sip.execute({ type: "gateway.delete", name: "third" });
  t.equal(changes, 4);
  const saved = readState(kept(before));
  t.strictSame(saved.gateways[0], { name: "trunk", ...settings, from: ACCOUNT });

  const after = new GatewayBench({ saved });
  await after.bench.clock.advance(10_000 as never);
  t.match(await after.info("trunk"), { domain: "example.org", state: "registering" });
  t.match(await after.info("second"), { from: { user: "4421" }, register: false });
  t.ok(
    after.one.received.some(({ firstLine }) => firstLine.startsWith("REGISTER ")),
    "it registers by itself",
  );
  t.strictSame((await after.sip.execute({ type: "gateway.get" })).gateways.length, 2);
});

t.test(
  "a document of the version before has no gateways and no calls; one that is wrong names its field",
  async (t) => {
    const old = { version: 1, domains: [], bindings: [] };
    t.match(readState(old), { gateways: [], calls: [] });
    const wrong = { ...old, version: 2, gateways: [{ name: "x", from: { user: 7 }, to: { domain: "a" } }] };
    t.throws(() => readState(wrong), { code: "ARGUMENT_INVALID", field: "gateways[0].from.user" });
    const senseless = readState({
      ...wrong,
      gateways: [{ name: "x", from: { user: "u" }, to: { domain: "a b" } }],
    });
    t.throws(() => new GatewayBench({ saved: senseless }), {
      code: "ARGUMENT_INVALID",
      field: "gateways[0].to.domain",
    });
  },
);
