import t from "tap";
import {
  containerOf,
  governorsOf,
  modulesIn,
  numberIn,
  openFilesIn,
  quotaIn,
  rangeIn,
  takenPortsIn,
} from "../../../ts/cli/check/read-system.js";

await t.test("files of /proc and /sys", (t) => {
  t.equal(numberIn("262144\n"), 262_144);
  t.equal(numberIn("many"), undefined);
  t.same(rangeIn("32768\t60999\n"), { low: 32_768, high: 60_999 });
  t.equal(rangeIn(undefined), undefined);
  const limits =
    "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 524288               files\n";
  t.equal(openFilesIn(limits), 524_288);
  t.equal(openFilesIn("Max open files  unlimited  unlimited  files"), undefined);
  t.equal(quotaIn("50000 100000\n"), 0.5);
  t.equal(quotaIn("max 100000\n"), undefined);
  t.same(modulesIn("nf_nat_sip 20480 0 - Live 0x0\nnf_conntrack 1 1 x, Live 0x0\n"), [
    "nf_nat_sip",
    "nf_conntrack",
  ]);
  t.same(
    governorsOf((processor) => ["powersave\n", "performance\n"][processor]),
    ["powersave", "performance"],
  );
  t.end();
});

await t.test("UDP ports in use", (t) => {
  const table = `  sl  local_address rem_address   st tx_queue
  123: 0100007F:2710 00000000:0000 07 00000000:00000000
  124: 00000000:13C4 00000000:0000 07 00000000:00000000
  125: 00000000000000000000000000000000:2711 00000000000000000000000000000000:0000 07
`;
  t.same(takenPortsIn(table, { low: 10_000, high: 20_000 }), [10_000, 10_001]);
  t.end();
});

await t.test("what runs us", (t) => {
  const bare = { isThere: () => false, environment: {}, cgroup: "0::/init.scope\n", init: "" };
  t.equal(containerOf(bare), undefined);
  t.equal(containerOf({ ...bare, isThere: (path) => path === "/.dockerenv" }), "docker");
  t.equal(containerOf({ ...bare, isThere: (path) => path === "/run/.containerenv" }), "podman");
  t.equal(containerOf({ ...bare, init: "PATH=/bin\0container=lxc\0" }), "lxc");
  t.equal(containerOf({ ...bare, cgroup: "1:name=systemd:/kubepods/besteffort/pod1" }), "kubernetes");
  t.equal(containerOf({ ...bare, environment: { KUBERNETES_SERVICE_HOST: "10.0.0.1" } }), "kubernetes");
  t.end();
});
