import t from "tap";
import { Controller } from "../../ts/control/controller.js";
import { ProjectControl, type ControlSettings } from "../../ts/control/projectcontrol.js";
import { DEFAULT_CODECS } from "../../ts/control/codecs.js";
import { silentLog } from "../../ts/core/log.js";
import { FakeMediaService } from "../support/fake-media-service.js";
import { FakeSipService } from "../support/fake-sip-service.js";
import { ManualClock } from "../support/manual-clock.js";
import { SeededRandom } from "../support/seeded-random.js";
import { Exchange, NOTHING_LEFT, offerOf, read } from "./exchange.js";

const users = [{ username: "1000", secret: "s1" }];

/** A projectcontrol that is not running; `connect` may be made to fail. */
function unconnected(connectFails: () => boolean = () => false) {
  const sip = new FakeSipService();
  const settings: ControlSettings[] = [];
  const errors: string[] = [];
  let closed = 0;
  const projectcontrol = new ProjectControl({
    log: { ...silentLog, error: (_, text) => errors.push(text) },
    connect: (given) => {
      settings.push(given);
      if (connectFails()) return Promise.reject(new Error("nobody there"));
      const controller = new Controller({
        sip,
        media: new FakeMediaService(),
        clock: new ManualClock(),
        random: new SeededRandom(1),
        log: silentLog,
        controlUrl: "http://127.0.0.1:9001",
      });
      return Promise.resolve({
        controller,
        close: () => {
          closed += 1;
          return Promise.resolve();
        },
      });
    },
  });
  return { sip, projectcontrol, settings, errors, closedTimes: () => closed };
}

t.test("J001, J002: defaults", (t) => {
  const { projectcontrol } = unconnected();
  t.same(projectcontrol.sip, { host: "127.0.0.1", port: 9000 });
  t.same(projectcontrol.us, { host: "127.0.0.1", port: 9001 });
  t.same(projectcontrol.rtp, { host: "127.0.0.1", port: 9002 });
  t.same(projectcontrol.codecs, ["pcma", "pcmu", "722", "ilbc", "2833"]);
  t.end();
});

t.test("J001: what was assigned counts when run is called", async (t) => {
  const { projectcontrol, settings } = unconnected();
  projectcontrol.sip = { host: "192.0.2.5", port: 80 };
  projectcontrol.us.port = 9101;
  await projectcontrol.run();
  t.match(settings, [{ sip: { host: "192.0.2.5", port: 80 }, us: { port: 9101 }, rtp: [{ port: 9002 }] }]);
});

t.test("one RTP server or several may be assigned; the first is what is read", async (t) => {
  const { projectcontrol, settings } = unconnected();
  projectcontrol.rtp = { host: "192.0.2.6", port: 80 };
  projectcontrol.rtp.port = 9002;
  t.same(projectcontrol.rtp, { host: "192.0.2.6", port: 9002 });
  projectcontrol.rtp = [
    { host: "192.0.2.7", port: 9002 },
    { host: "192.0.2.8", port: 9002, weight: 2 },
  ];
  t.same(projectcontrol.rtp, { host: "192.0.2.7", port: 9002 });
  t.throws(
    () => {
      projectcontrol.rtp = [];
    },
    { code: "ARGUMENT_INVALID", field: "rtp" },
  );
  await projectcontrol.run();
  t.match(settings, [{ rtp: [{ host: "192.0.2.7" }, { host: "192.0.2.8", weight: 2 }] }]);
});

t.test("J002: codecs count for calls that come after, in their order", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.codecs = ["pcmu", "pcma"];
  exchange.projectcontrol.onnewcall = (call) => {
    call.newcall({ to: { user: "1001" } });
  };
  await exchange.sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  t.same(read(exchange.sip.commandsOf("dialog.invite")[0]?.request.sdp).m[0]?.payloads, ["0", "8"]);
  t.same(DEFAULT_CODECS, ["pcma", "pcmu", "722", "ilbc", "2833"]);
});

t.test("J012, J017: directories set before run are sent by it", async (t) => {
  const { projectcontrol, sip } = unconnected();
  await projectcontrol.directory("one.example", users);
  await projectcontrol.directory("two.example", users, { algorithms: ["SHA-256"] });
  t.same(sip.commands, []);
  await projectcontrol.run();
  const control = "http://127.0.0.1:9001";
  t.same(sip.commands, [
    { type: "directory.put", domain: "one.example", users, control },
    { type: "directory.put", domain: "two.example", users, algorithms: ["SHA-256"], control },
  ]);
});

t.test("J012: after run they are sent at once; the last one of a domain counts", async (t) => {
  const { projectcontrol, sip } = unconnected();
  await projectcontrol.run();
  await projectcontrol.directory("one.example", users);
  await projectcontrol.directory("one.example", []);
  t.match(sip.commandsOf("directory.put"), [{ users }, { users: [] }]);
  await projectcontrol.reconnect();
  t.match(sip.commandsOf("directory.put").slice(2), [{ domain: "one.example", users: [] }]);
  t.equal(sip.commandsOf("directory.put").length, 3);
});

t.test("run does its work once", async (t) => {
  const { projectcontrol, settings } = unconnected();
  await Promise.all([projectcontrol.run(), projectcontrol.run()]);
  await projectcontrol.run();
  t.equal(settings.length, 1);
});

t.test("run that fails is logged, rejects, and may be tried again", async (t) => {
  let fails = true;
  const { projectcontrol, settings, errors } = unconnected(() => fails);
  await t.rejects(projectcontrol.run(), { message: "nobody there" });
  t.same(errors, ["call control could not be started"]);
  fails = false;
  await projectcontrol.run();
  t.equal(settings.length, 2);
});

t.test("what a script leaves alone does not end the process", async (t) => {
  const { projectcontrol, sip, errors } = unconnected();
  const unhandled: unknown[] = [];
  const listen = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", listen);
  t.teardown(() => process.off("unhandledRejection", listen));
  sip.failNext("directory.put", "SIP_UNAVAILABLE");
  void projectcontrol.directory("one.example", users);
  void projectcontrol.run();
  await new ManualClock().settle();
  sip.failNext("directory.put", "SIP_UNAVAILABLE");
  void projectcontrol.run();
  await new ManualClock().settle();
  t.equal(errors.length, 4);
  t.same(unhandled, []);
});

t.test("a directory that could not be sent does not connect a second time", async (t) => {
  const { projectcontrol, sip, settings } = unconnected();
  await projectcontrol.directory("one.example", users);
  sip.failNext("directory.put", "SIP_UNAVAILABLE");
  await t.rejects(projectcontrol.run(), { code: "SIP_UNAVAILABLE" });
  await projectcontrol.run();
  t.equal(settings.length, 1);
  t.equal(sip.commandsOf("directory.put").length, 2);
});

t.test("newcall before run is refused by name", (t) => {
  const { projectcontrol } = unconnected();
  t.throws(() => projectcontrol.newcall({ to: { user: "1" } }), { code: "NOT_CONNECTED" });
  t.same(projectcontrol.calls, {});
  t.end();
});

t.test("what is no function can't be a callback", (t) => {
  const { projectcontrol } = unconnected();
  t.throws(() => (projectcontrol.onnewcall = "x" as never), { code: "ARGUMENT_INVALID", field: "onnewcall" });
  t.end();
});

t.test("stop hangs up, lets go, and run begins anew", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => call.answer();
  await exchange.sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  await exchange.projectcontrol.stop();
  await exchange.settle();
  t.same(exchange.left, NOTHING_LEFT);
  t.equal(exchange.closed, 1);
  await exchange.projectcontrol.stop();
  t.equal(exchange.closed, 1);

  const { projectcontrol, settings } = unconnected();
  await projectcontrol.run();
  await projectcontrol.stop();
  await projectcontrol.run();
  t.equal(settings.length, 2);
});

t.test(
  "gateways: set before run they are sent by it, after it at once; removed without settings",
  async (t) => {
    const { projectcontrol, sip, errors } = unconnected();
    const gateway = { from: { user: "4420", authsecret: "s" }, to: { domain: "trunk.example" } };
    void projectcontrol.gateway("one", gateway);
    t.same(sip.commands, []);
    await projectcontrol.run();
    t.match(sip.commandsOf("gateway.put"), [{ name: "one", ...gateway, control: "http://127.0.0.1:9001" }]);
    await projectcontrol.gateway("two", { ...gateway, control: "http://192.0.2.9" });
    t.match(sip.commandsOf("gateway.put")[1], { name: "two", control: "http://192.0.2.9" });
    await projectcontrol.gateway("one");
    await projectcontrol.reconnect();
    const names = sip.commandsOf("gateway.put").map(({ name }) => name);
    t.same(names, ["one", "two", "two"], "what was removed is not sent again");
    await t.rejects(projectcontrol.gateway("one"), { code: "GATEWAY_UNKNOWN" });
    t.equal(errors.length, 1);
  },
);

t.test("what becomes of gateways is told; a call by one leaves its caller id to it", async (t) => {
  const exchange = await Exchange.open();
  const { projectcontrol, sip } = exchange;
  const news: string[] = [];
  projectcontrol.ongateway = ({ name, state }) => news.push(`${name} ${state}`);
  await projectcontrol.gateway("trunk", { from: { user: "4420" }, to: { domain: "trunk.example" } });
  await sip.gatewayChanged({ name: "trunk", state: "failed", error: { code: 403, status: "Forbidden" } });
  await exchange.settle();
  t.same(news, ["trunk failed"]);

  projectcontrol.onnewcall = (call) => {
    call.newcall({ to: { user: "0123" }, gateway: "trunk" });
    call.newcall({ to: { user: "0123" }, gateway: "trunk", cid: { number: "99" } });
  };
  await sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  const [plain, presented] = sip.commandsOf("dialog.invite").map(({ request }) => request);
  t.equal(plain?.gateway, "trunk");
  t.notOk(plain !== undefined && "cid" in plain, "the gateway's own is not overruled");
  t.match(presented, { gateway: "trunk", cid: { number: "99", name: "1000" } });
});
