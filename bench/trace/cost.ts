/**
 * What does it cost a call that its trace is kept? `tsx bench/trace/cost.ts`
 * The tap of the SIP side with the messages of a call of two legs, and what control notes of its media and events,
 * both alone. Compare with a call's whole cost: bench/control and bench/sip. Prints, and writes nothing.
 */
import { epochMillis } from "../../ts/core/brand.js";
import { silentLog } from "../../ts/core/log.js";
import { SystemClock } from "../../ts/core/system-clock.js";
import type { Call } from "../../ts/control/call.js";
import type { CallEvent } from "../../ts/control/call-event.js";
import type { CallDetailRecord } from "../../ts/control/record/call-detail-record.js";
import { Watchers } from "../../ts/control/watchers.js";
import type { MediaEvent, MediaService, RemoteMedia } from "../../ts/rtp/media-service.js";
import { MirroredTransport } from "../../ts/sip/hep/mirrored-transport.js";
import type { Flow, Listener, Transport, TransportHandler } from "../../ts/sip/transport/transport.js";
import { NO_PACKETS } from "../../ts/testing/fake-media-channel.js";
import { ChannelLogs } from "../../ts/trace/channel-logs.js";
import { MessageStore } from "../../ts/trace/message-store.js";
import { Traces } from "../../ts/trace/traces.js";

const CALLS = 20_000;
const clock = new SystemClock();
const US = { address: "192.0.2.1", port: 5060 };
const listener: Listener = { name: "udp", protocol: "UDP", local: US, advertised: US };

class NullTransport implements Transport {
  readonly protocol = "UDP";
  readonly local = US;
  readonly advertised = US;
  readonly listeners = [listener];
  readonly health = { sockets: 1, connections: 0, connectionTroubles: {} };
  handler: TransportHandler | undefined;
  listenerFor = (): Listener => listener;
  isOpen = (): boolean => true;
  connects = (): boolean => false;
  send = (_octets: Uint8Array, to: Flow): Flow => to;
  receive = (handler: TransportHandler): void => {
    this.handler = handler;
  };
  close = (): Promise<void> => Promise.resolve();
}

const LINES = [
  "in INVITE sip:bob@example.org SIP/2.0",
  "out SIP/2.0 401 Unauthorized",
  "in ACK sip:bob@example.org SIP/2.0",
  "in INVITE sip:bob@example.org SIP/2.0",
  "out SIP/2.0 100 Trying",
  "out INVITE sip:bob@198.51.100.20 SIP/2.0",
  "in SIP/2.0 180 Ringing",
  "out SIP/2.0 180 Ringing",
  "in SIP/2.0 200 OK",
  "out ACK sip:bob@198.51.100.20 SIP/2.0",
  "out SIP/2.0 200 OK",
  "in ACK sip:bob@192.0.2.1 SIP/2.0",
  "in BYE sip:bob@192.0.2.1 SIP/2.0",
  "out SIP/2.0 200 OK",
  "out BYE sip:bob@198.51.100.20 SIP/2.0",
  "in SIP/2.0 200 OK",
];
const FILLER = `Via: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK${"x".repeat(20)};rport\r\nMax-Forwards: 70\r\nFrom: <sip:alice@example.org>;tag=12345\r\nTo: <sip:bob@example.org>\r\n`;
const messages = LINES.map((line) => {
  const [way = "", ...rest] = line.split(" ");
  const callId = `${way === "in" ? "a" : "b"}-@@@@@@@@@@@@`;
  const text = `${rest.join(" ")}\r\n${FILLER}Call-ID: ${callId}\r\nCSeq: 1 INVITE\r\n${"X-More: 0123456789\r\n".repeat(14)}\r\n`;
  return { way, octets: Buffer.from(text), at: text.indexOf("@@") };
});

function perCall(run: () => void): number {
  run();
  const began = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / CALLS;
}

function sip(tapped: "with the trace" | "without"): number {
  const inner = new NullTransport();
  const store = new MessageStore();
  const transport =
    tapped === "without"
      ? inner
      : new MirroredTransport({
          transport: inner,
          clock,
          mirror: (captured, direction) => {
            store.take(captured, direction);
          },
        });
  transport.receive({ octets: () => undefined, sendError: () => undefined, closed: () => undefined });
  const remote = { address: "198.51.100.10", port: 5060 };
  let made = 0;
  return perCall(() => {
    for (let call = 0; call < CALLS; call += 1) {
      made += 1;
      const id = String(made).padStart(12, "0");
      for (const { way, octets, at } of messages) {
        // Each message has octets of its own, as those of a socket have.
        const own = Buffer.from(octets);
        own.write(id, at, "latin1");
        const flow: Flow = { protocol: "UDP", remote };
        if (way === "in") inner.handler?.octets(own, flow);
        else transport.send(own, flow);
      }
    }
  });
}

const remote: RemoteMedia = {
  address: "198.51.100.10",
  port: 40_000,
  formats: [{ payloadType: 0, format: "PCMU" }],
  telephoneEvent: 101,
};
const TYPES = [
  "new",
  "note",
  "rung",
  "note",
  "ringing",
  "note",
  "answered",
  "note",
  "note",
  "ended",
] as const;

function control(traced: "with the trace" | "without"): number {
  const logs = new ChannelLogs(clock);
  let opened = 0;
  let sink: ((event: MediaEvent) => Promise<void>) | undefined;
  const quiet: MediaService = {
    attach: (attached) => {
      sink = attached;
    },
    execute: (command: { readonly type: string }) => {
      if (command.type !== "open") return Promise.resolve({});
      opened += 1;
      return Promise.resolve({ uuid: String(opened), ip: "192.0.2.100", port: 10_000 });
    },
  };
  const media = traced === "without" ? quiet : logs.watch(quiet);
  const watchers = new Watchers<{ readonly call: Call; readonly event: CallEvent }>();
  const lastWatchers = new Watchers<{ readonly call: Call; readonly event: MediaEvent }>();
  let take: (record: CallDetailRecord) => void = () => undefined;
  if (traced === "with the trace") {
    new Traces({
      controller: { calls: new Map(), channels: new Map(), watchers, lastWatchers, media },
      recorder: {
        add: (given) => {
          take = (record) => void given(record);
          return () => undefined;
        },
        *unwritten() {
          yield* [];
        },
        unwrittenOf: () => undefined,
      },
      channels: logs,
      clock,
      log: silentLog,
      messagesOf: () => Promise.resolve({ messages: [], omitted: 0 }),
      calls: 1000,
    });
  }
  media.attach(() => Promise.resolve());
  const failed = (): void => undefined;
  let made = 0;
  return perCall(() => {
    for (let call = 0; call < CALLS; call += 1) {
      made += 1;
      const legs = ["a", "b"].map((leg) => ({ callid: `${leg}-${String(made)}` }));
      for (const leg of legs) {
        const uuid = String(opened + 1);
        void media.execute({ type: "open" });
        const one = { ...leg, leg: { channel: { uuid } } } as unknown as Call;
        for (const type of TYPES) {
          watchers.tell({ call: one, event: { type, what: "", at: epochMillis(0) } }, failed);
        }
        void media.execute({ type: "target", uuid, remote });
        const closed: MediaEvent = { type: "closed", uuid, reason: "requested", statistics: NO_PACKETS };
        lastWatchers.tell({ call: one, event: closed }, failed);
        void sink?.(closed);
      }
      take({ id: String(made), legs, events: [] } as unknown as CallDetailRecord);
    }
  });
}

for (const [name, run] of [
  ["sip", sip],
  ["control", control],
] as const) {
  const [without, withIt] = [run("without"), run("with the trace")];
  process.stdout.write(
    `${name.padEnd(8)} ${(withIt - without).toFixed(1)} µs CPU a call (${withIt.toFixed(1)} with the trace, ${without.toFixed(1)} without)\n`,
  );
}
process.exit(0);
