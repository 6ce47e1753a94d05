/** What a script of the seed sees and does, row by row of origin §2, with real telephones and audio. */
import t from "tap";
import type { Call } from "../../ts/control/call.js";
import type { HangupReason } from "../../ts/control/causes.js";
import type { ProjectControl } from "../../ts/control/projectcontrol.js";
import { directory, DOMAIN, Exchange } from "./support/exchange.js";

const tone = (hertz: number): { files: { tone: string }[]; loop: true } => ({
  files: [{ tone: `${String(hertz)}*0.3:1000` }],
  loop: true,
});

t.test("J003–J008, J030–J042, J050–J053: what is known of a call, and the order of callbacks", async (t) => {
  const order: string[] = [];
  let inbound: Call | undefined;
  const exchange = await Exchange.open(t, (projectcontrol) => {
    directory(projectcontrol);
    projectcontrol.onringing = (call) => order.push(`global ringing ${call.info.to}`);
    projectcontrol.onanswer = (call) => order.push(`global answer ${call.info.to}`);
    projectcontrol.onhangup = (call) => order.push(`global hangup ${call.info.to}`);
    projectcontrol.onreporting = (call) => order.push(`global reporting ${call.info.to}`);
    projectcontrol.onnewcall = function (call) {
      t.equal(this, call, "this is the call");
      inbound = call;
      t.strictSame(
        [call.ringing, call.answered, call.hungup, call.hold, call.originator],
        Array(5).fill(false),
      );
      t.strictSame([call.destination, call.other, call.others, call.haserror], ["door", false, [], false]);
      t.equal(projectcontrol.calls[call.callid], call);
      const child = call.newcall({ to: { user: "1001" } });
      t.strictSame([call.other, call.others, child.other], [child, [child], call]);
      t.strictSame(call.metadata.family.children, [child]);
      t.equal(child.metadata.family.parent, call);
      t.ok(child.originator);
      child.onnewcall = () => order.push("own newcall");
      child.onringing = () => order.push("own ringing");
      child.onanswer = () => order.push("own answer");
      child.onhangup = () => order.push("own hangup");
      child.onreporting = () => order.push("own reporting");
    };
  });
  const { projectcontrol } = exchange;
  const [caller, callee] = await Promise.all([exchange.phone("1000"), exchange.phone("1001")]);
  const call = await caller.call("door");
  const rung = await callee.rung();
  rung.ring();
  await call.gets(180);
  if (inbound === undefined) throw new Error("the script saw no call");
  t.ok(inbound.ringing);
  rung.answer();
  await call.answered();
  await call.talksWith(rung);
  t.ok(inbound.answered);
  t.equal(inbound.info.contact, caller.contact);
  t.equal(`${inbound.info.remote.host}:${String(inbound.info.remote.port)}`, caller.address);
  const { uuid, port } = inbound.metadata.channel ?? {};
  t.equal(projectcontrol.channels[uuid ?? ""], inbound);
  t.match(inbound.info.sdp.us, `m=audio ${String(port)} `);
  await rung.hangup();
  await call.ended();
  await exchange.endsClean(t);
  t.ok(inbound.hungup);
  const { start, ring, answer, end } = inbound.info.epochs;
  t.ok(start > 0 && ring >= start && answer >= ring && end >= answer, "times of the record");
  t.strictSame(
    order.filter((line) => !line.endsWith("door")),
    [
      "own newcall",
      "global ringing 1001",
      "own ringing",
      "global answer 1001",
      "own answer",
      "global hangup 1001",
      "own hangup",
      "global reporting 1001",
      "own reporting",
    ],
  );
  t.strictSame(
    order.filter((line) => line.endsWith("door")),
    ["global ringing door", "global answer door", "global hangup door", "global reporting door"],
  );
  t.strictSame([Object.keys(projectcontrol.calls), Object.keys(projectcontrol.channels)], [[], []]);
});

t.test("J056, J057: ways to refuse, as the telephone sees them", async (t) => {
  const reasons: Readonly<Record<string, (call: Call) => unknown>> = {
    "486": (call) => call.busy(),
    "404": (call) => call.notfound(),
    "402": (call) => call.paymentrequired(),
    "488": (call) => call.hangup({ code: 488, reason: "No video" } satisfies HangupReason),
    "480": (call) => call.hangup(),
  };
  const exchange = await Exchange.open(t, (projectcontrol) => {
    directory(projectcontrol);
    projectcontrol.onnewcall = (call) => {
      if (call.destination === "600") return call.hangup("busy");
      return reasons[call.destination]?.(call);
    };
  });
  const phone = await exchange.phone("1000");
  for (const status of Object.keys(reasons)) await (await phone.call(status)).gets(Number(status));
  await (await phone.call("600")).gets(486);
  await exchange.endsClean(t);
});

t.test("J054, J055: once answered, ring and answer run the callbacks that were set since", async (t) => {
  const ran: string[] = [];
  const exchange = await Exchange.open(t, (projectcontrol) => {
    directory(projectcontrol);
    projectcontrol.onnewcall = (call) => {
      call.onanswer = () => {
        call.onringing = () => ran.push("ringing");
        void call.ring();
        call.onanswer = () => {
          ran.push("answer");
          void call.hangup();
        };
        void call.answer();
      };
      void call.ring("<http://example.org/ring.wav>");
      void call.answer({ codecs: ["pcmu"] });
    };
  });
  const phone = await exchange.phone("1000");
  const call = await phone.call("1");
  await call.ended();
  t.strictSame(call.statuses, [180, 200]);
  t.strictSame(ran, ["ringing", "answer"]);
  await exchange.endsClean(t);
});

t.test("J060–J064: a script parts two, plays to one, joins them, and lets them go", async (t) => {
  let inbound: Call | undefined;
  const exchange = await Exchange.open(t, (projectcontrol) => {
    directory(projectcontrol);
    projectcontrol.onnewcall = (call) => {
      inbound = call;
      call.newcall({ to: { user: "1001" } });
    };
  });
  const [caller, callee] = await Promise.all([exchange.phone("1000"), exchange.phone("1001")]);
  const call = await caller.call("1001");
  const rung = await callee.rung();
  rung.answer();
  await call.answered();
  await call.talksWith(rung);
  await new Promise<void>((resolve) => void inbound?.unmix(() => resolve()));
  await Promise.all([call.voice.hearsNo(500), rung.voice.hearsNo(400)]);
  void inbound?.play(tone(900));
  await call.voice.hears(900);
  await new Promise<void>((resolve) => void inbound?.mix(() => resolve()));
  await call.talksWith(rung);
  await call.voice.hearsNo(900);
  const child = inbound?.other;
  inbound?.unlink();
  t.equal(inbound?.other, false);
  await rung.hangup();
  await call.voice.hearsNo(500);
  t.notOk(call.hasEnded, "one who was let go takes nobody along");
  if (inbound !== undefined && child !== false && child !== undefined) inbound.link(child);
  t.strictSame(inbound?.others, [], "nor is who has ended linked");
  await call.hangup();
  await exchange.endsClean(t);
  t.match(
    inbound?.history.map(({ what }) => what),
    ["New call", /Creating child call/, "We answer call"],
  );
  for (const line of ["Mix", "Unmix", "Unlink"]) {
    t.ok(
      inbound?.history.some(({ what }) => what === line),
      line,
    );
  }
});

t.test("J013, J070–J077: whom a script calls, as whom, with which codecs, how often forwarded", async (t) => {
  const exchange = await Exchange.open(t, (projectcontrol: ProjectControl) => {
    directory(projectcontrol);
    projectcontrol.onnewcall = (call) => {
      if (call.destination === "far") call.newcall({ to: { user: "x" }, maxforwards: 0 });
    };
  });
  const { projectcontrol } = exchange;
  const [phone, outside] = await Promise.all([exchange.phone("1001"), exchange.stranger("1004")]);
  const call = projectcontrol.newcall({
    from: { user: "door", domain: DOMAIN },
    to: { user: "1001" },
    cid: { number: "4711", name: "Front door", private: true },
    codecs: ["pcmu", "2833"],
  });
  call.onanswer = () => call.play(tone(900));
  const rung = await phone.rung();
  t.equal(rung.invite?.headers.to.uri, `sip:1001@${DOMAIN}`);
  t.match(rung.invite?.headers["remote-party-id"] ?? "", /4711.*privacy=full/, "J075");
  t.match(rung.invite?.content, /^m=audio \d+ RTP\/AVP 0 101\r$/m, "J076");
  t.equal(Number(rung.invite?.headers["max-forwards"]), 70);
  rung.answer();
  await rung.voice.hears(900);
  await call.hangup();
  await rung.ended();

  const foreign = projectcontrol.newcall({
    from: { user: "account", domain: DOMAIN, authsecret: "sesame" },
    to: { user: "7", domain: outside.address },
  });
  const there = await outside.rung();
  t.equal(there.invite?.uri, `sip:7@${outside.address}`, "J071");
  t.match(await there.challenge("far.example"), { username: /account/ }, "J072");
  there.refuse(486);
  await there.ended();

  const loop = await (await exchange.phone("1000")).call("far");
  await loop.gets(483);
  await exchange.endsClean(t);
  t.equal(foreign.info.error.code, 486, "and the script sees how it ended");
});

t.test("J034, J087, J098: nobody there, and no channel: the caller hears 480, the script why", async (t) => {
  const errors: unknown[] = [];
  const exchange = await Exchange.open(t, (projectcontrol) => {
    directory(projectcontrol);
    projectcontrol.onnewcall = (call) => {
      call.newcall({ to: { user: call.destination } }).onhangup = (child) => errors.push(child.error?.code);
    };
  });
  const phone = await exchange.phone("1000");
  await (await phone.call("1003")).gets(480);
  await (await phone.call("nobody")).gets(480);
  t.strictSame(errors, [480, 404]);
  await exchange.endsClean(t);
});
