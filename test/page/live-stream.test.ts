/** What a page is told as it happens, in virtual time. */
import { EventEmitter } from "node:events";
import t from "tap";
import { ms } from "../../ts/core/brand.js";
import { LogTail } from "../../ts/core/log-tail.js";
import { silentLog } from "../../ts/core/log.js";
import { HttpRefusal } from "../../ts/http/problem.js";
import type { CallRow } from "../../ts/http/page/call-row.js";
import { LiveCalls } from "../../ts/http/page/live-calls.js";
import { LiveStream } from "../../ts/http/page/live-stream.js";
import { MutedCalls } from "../../ts/http/page/muted-calls.js";
import { eventReader } from "../../web/model/event-text.js";
import { Exchange, offerOf } from "../control/exchange.js";

/** A page that reads, or does not. */
class FakeResponse extends EventEmitter {
  writableLength = 0;
  text = "";
  hasEnded = false;

  writeHead(): void {}
  write(text: string): boolean {
    this.text += text;
    return true;
  }
  end(): void {
    this.hasEnded = true;
  }

  /** Rows told since the last time it was asked. */
  told(): { calls: CallRow[]; gone: string[]; lines: string[] } {
    const told = { calls: [] as CallRow[], gone: [] as string[], lines: [] as string[] };
    for (const { data } of eventReader()(this.text)) {
      const {
        calls = [],
        gone = [],
        lines = [],
      } = JSON.parse(data) as {
        calls?: CallRow[];
        gone?: string[];
        lines?: { text: string }[];
      };
      told.calls.push(...calls);
      told.gone.push(...gone);
      told.lines.push(...lines.map(({ text }) => text));
    }
    this.text = "";
    return told;
  }
}

async function open(): Promise<{
  exchange: Exchange;
  stream: LiveStream;
  log: LogTail;
  page: () => FakeResponse;
  turn: () => Promise<void>;
}> {
  const exchange = await Exchange.open();
  const { controller, clock, projectcontrol } = exchange;
  projectcontrol.onnewcall = (call) => call.answer();
  const log = new LogTail({ log: silentLog, clock, part: "control" });
  const calls = new LiveCalls(controller, new MutedCalls(controller));
  const stream = new LiveStream({ calls, clock, log });
  return {
    exchange,
    stream,
    log,
    page: () => {
      const response = new FakeResponse();
      stream.route.stream?.({ path: {}, body: undefined, query: {} }, {
        request: { headers: {}, path: "" },
        response,
      } as unknown as Parameters<NonNullable<typeof stream.route.stream>>[1]);
      return response;
    },
    turn: async () => {
      await exchange.settle();
      await clock.advance(ms(250));
    },
  };
}

t.test("a page is told of the calls there are, and of each change", async (t) => {
  const { exchange, page, turn, log } = await open();
  const { sip } = exchange;
  const first = await sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  const response = page();
  t.match(response.told().calls, [{ from: "1000", to: "1", state: "new", legs: [{ callid: first }] }]);
  await sip.acks(first);
  log.info({ callid: first, err: new Error("why") }, "something");
  await turn();
  t.match(response.told(), { calls: [{ state: "answered" }], gone: [], lines: ["something"] });
  await turn();
  t.same(response.told(), { calls: [], gone: [], lines: [] }, "nothing has happened");
  await sip.ends(first);
  await turn();
  t.match(response.told().calls, [{ state: "ended", cause: { name: "normal" } }]);
});

t.test("a page that is slow is told each call once it can take it, as it stands then", async (t) => {
  const { exchange, page, turn } = await open();
  const { sip } = exchange;
  const response = page();
  response.told();
  response.writableLength = 2 * 1024 * 1024;
  const id = await sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await turn();
  await sip.acks(id);
  await turn();
  t.equal(response.text, "");
  response.writableLength = 0;
  await turn();
  t.match(response.told().calls, [{ state: "answered" }]);
});

t.test("while no page is open nothing is watched, and nothing is due", async (t) => {
  const { exchange, page, turn, stream } = await open();
  const { controller, clock } = exchange;
  const watchers = controller.watchers.size;
  t.equal(clock.pendingTimers, 0);
  const [one, two] = [page(), page()];
  t.equal(controller.watchers.size, watchers + 1);
  one.emit("close");
  await turn();
  t.equal(controller.watchers.size, watchers + 1);
  two.emit("close");
  t.equal(controller.watchers.size, watchers);
  t.equal(clock.pendingTimers, 0);
  const third = page();
  stream.close();
  t.ok(third.hasEnded);
  t.equal(stream.viewers, 0);
  t.equal(clock.pendingTimers, 0);
});

t.test("the twenty-first page is refused", async (t) => {
  const { page, stream } = await open();
  for (let n = 0; n < 20; n += 1) page();
  t.throws(page, new HttpRefusal(503, "20 pages are open already"));
  stream.close();
});

t.test("of ended calls the last two hundred are told", async (t) => {
  const { exchange, page, turn } = await open();
  const { sip } = exchange;
  const response = page();
  for (let n = 0; n < 201; n += 1) {
    const id = await sip.invited({ from: String(n), to: "1", sdp: offerOf() });
    await exchange.settle();
    await sip.acks(id);
    await sip.ends(id);
    await turn();
  }
  t.equal(response.told().gone.length, 1);
  const late = page();
  t.equal(late.told().calls.length, 200);
});
