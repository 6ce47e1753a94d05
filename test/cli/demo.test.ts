/** What `mediaswitch demo` prints; that it happens is tried by test/interop/demo.test.ts. */
import t from "tap";
import { demoCommand, type DemoFlags } from "../../ts/cli/commands/demo.js";
import { StepPrinter } from "../../ts/cli/step-printer.js";
import { legTable, type DemoLeg } from "../../ts/phone/demo/demo-report.js";

function printed(isTTY: boolean): { readonly printer: StepPrinter; readonly text: () => string } {
  let text = "";
  const write = (more: string | Uint8Array): boolean => {
    text += String(more);
    return true;
  };
  return { printer: new StepPrinter({ write, isTTY }), text: () => text };
}

t.test("a step is a line; on a terminal it is seen while it is under way", (t) => {
  for (const isTTY of [false, true]) {
    const { printer, text } = printed(isTTY);
    printer.started("Anna calls Ben");
    t.equal(text(), isTTY ? "  ...     Anna calls Ben" : "");
    printer.ended({ what: "Anna calls Ben", ok: true, millis: 1234 });
    printer.ended({ what: "they talk", ok: false, millis: 50, why: "nobody was heard" });
    t.ok(text().includes("  ok      Anna calls Ben (1.2 s)\n"));
    t.ok(text().endsWith("  failed  they talk (0.1 s): nobody was heard\n"));
    t.equal(text().includes("\u001b"), isTTY, "control characters are for terminals");
  }
  t.end();
});

t.test("the table of what was heard: what is not known is a dash", (t) => {
  const leg: DemoLeg = {
    conversation: "call",
    phone: "Anna",
    codec: "722",
    hears: ["Ben", "Carla"],
    packets: 99,
    lost: 1,
    lostPercent: 1,
    jitterMillis: 2.25,
    delayMillis: 41.6,
    mos: 4.337,
  };
  const unknown: DemoLeg = {
    ...leg,
    phone: "Ben",
    codec: "ilbc@20",
    hears: [],
    delayMillis: null,
    mos: null,
  };
  t.equal(
    legTable([leg, unknown]),
    [
      "  conversation  phone  codec  hears       packets   loss  jitter  delay   MOS",
      "  call          Anna   G.722  Ben, Carla       99  1.0 %  2.3 ms  42 ms  4.34",
      "  call          Ben    iLBC                    99  1.0 %  2.3 ms      -     -",
      "",
    ].join("\n"),
  );
  t.end();
});

t.test("its flags", async (t) => {
  let flags: DemoFlags | undefined;
  const command = (): ReturnType<typeof demoCommand> =>
    demoCommand(async (given) => void (flags = given)).exitOverride();
  await command().parseAsync([], { from: "user" });
  t.same(flags, { sipPort: 0, controlHttpPort: 0, logLevel: "silent" });
  await command().parseAsync(["--keep", "--sip-port", "5060", "--folder", "here", "--json"], {
    from: "user",
  });
  t.match(flags, { keep: true, sipPort: 5060, folder: "here", json: true });
});
