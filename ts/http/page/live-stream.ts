/**
 * What happens, as server-sent events, for as long as a page is open: the calls that changed, and the lines of the log. A
 * page that is slow gets each call as it stands once there is room, however often it has changed meanwhile.
 */
import type { ServerResponse } from "node:http";
import { z } from "zod";
import { ms, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import type { LogLine, LogTail } from "../../core/log-tail.js";
import { HttpRefusal } from "../problem.js";
import { NOTHING, streamRoute, type Route } from "../route-table.js";
import { callRowSchema, type CallRow } from "./call-row.js";
import type { LiveCalls } from "./live-calls.js";

const MOST_VIEWERS = 20;
/** How often changes are told. */
const EVERY: Millis = ms(250);
/** Of so many of them a sign of life is one, when there is nothing to tell. */
const SIGN_EVERY = 40;
/** Octets that may wait for a page. */
const HIGH_WATER = 1024 * 1024;
/** Calls told at once, so that a page is never busy for long. */
const MOST_ROWS = 500;

const logLineSchema = z.object({
  number: z.int(),
  at: z.number(),
  level: z.enum(["info", "warn", "error"]),
  text: z.string(),
  fields: z.record(z.string(), z.string()),
  part: z.string(),
});

const eventSchema = z.union([
  z
    .object({ calls: z.array(callRowSchema), gone: z.array(z.string()) })
    .describe("event `calls`: these have changed, and those are not told of any more"),
  z.object({ lines: z.array(logLineSchema).readonly() }).describe("event `log`"),
]);

interface Viewer {
  readonly response: ServerResponse;
  /** Records of calls that it is to be told of. */
  readonly pending: Set<string>;
  /** Number of the last line of the log that it was told. */
  logged: number;
  silence: number;
}

export interface LiveStreamOptions {
  readonly calls: LiveCalls;
  readonly clock: Clock;
  readonly log: LogTail | undefined;
}

export class LiveStream {
  readonly #calls: LiveCalls;
  readonly #clock: Clock;
  readonly #log: LogTail | undefined;
  readonly #viewers = new Set<Viewer>();
  #unwatch: () => void = () => undefined;
  #timer: Timer | undefined;

  constructor({ calls, clock, log }: LiveStreamOptions) {
    this.#calls = calls;
    this.#clock = clock;
    this.#log = log;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  get route(): Route {
    return streamRoute(
      {
        summary: "Calls and lines of the log as they change (server-sent events)",
        body: NOTHING,
        reply: eventSchema,
        contentType: "text/event-stream",
        refusals: ["CONTROL_UNAVAILABLE"],
      },
      (_input, { response }) => {
        this.#add(response);
      },
    );
  }

  /** Ends all of them. */
  close(): void {
    for (const { response } of [...this.#viewers]) {
      response.end();
      response.emit("close");
    }
  }

  #add(response: ServerResponse): void {
    if (this.#viewers.size >= MOST_VIEWERS) {
      throw new HttpRefusal(503, `${String(MOST_VIEWERS)} pages are open already`);
    }
    if (this.#viewers.size === 0) {
      this.#unwatch = this.#calls.watch((record) => {
        for (const { pending } of this.#viewers) pending.add(record);
      });
      this.#timer = this.#clock.after(EVERY, this.#turn);
    }
    const viewer: Viewer = { response, pending: new Set(this.#calls.records), logged: 0, silence: 0 };
    this.#viewers.add(viewer);
    response.on("close", () => {
      this.#remove(viewer);
    });
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      "X-Accel-Buffering": "no",
    });
    response.write("event: begin\ndata: {}\n\n");
    this.#flush(viewer, new Map());
  }

  #remove(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer) || this.#viewers.size > 0) return;
    this.#unwatch();
    this.#timer?.cancel();
  }

  readonly #turn = (): void => {
    this.#timer = this.#clock.after(EVERY, this.#turn);
    // All pages are told the same of a call: it is put into words once.
    const rows = new Map<string, CallRow | undefined>();
    for (const viewer of [...this.#viewers]) this.#flush(viewer, rows);
  };

  #flush(viewer: Viewer, rows: Map<string, CallRow | undefined>): void {
    const { response, pending } = viewer;
    if (response.writableLength > HIGH_WATER) return;
    viewer.silence += 1;
    if (pending.size > 0) this.#tellCalls(viewer, rows);
    const lines: readonly LogLine[] = this.#log?.after(viewer.logged) ?? [];
    if (lines.length > 0) {
      viewer.logged = this.#log?.last ?? 0;
      write(viewer, "log", { lines });
    }
    if (viewer.silence >= SIGN_EVERY) {
      viewer.silence = 0;
      response.write(": still here\n\n");
    }
  }

  #tellCalls(viewer: Viewer, rows: Map<string, CallRow | undefined>): void {
    const calls: CallRow[] = [];
    const gone: string[] = [];
    for (const record of viewer.pending) {
      if (calls.length === MOST_ROWS) break;
      viewer.pending.delete(record);
      if (!rows.has(record)) rows.set(record, this.#calls.row(record));
      const row = rows.get(record);
      if (row === undefined) gone.push(record);
      else calls.push(row);
    }
    write(viewer, "calls", { calls, gone });
  }
}

function write(viewer: Viewer, type: string, data: z.output<typeof eventSchema>): void {
  viewer.silence = 0;
  viewer.response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
}
