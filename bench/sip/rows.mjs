// What is measured, and what each figure has to be.
import { CALLERS, PHONES } from "./plan.mjs";

/** Share of its processor that a server is given work for: busy, but never late. */
export const BUSY = 0.8;

/** `rates`, by server: units a second to warm up with, and from where the rate for `BUSY` is looked for. */
export const ROWS = [
  {
    id: "register",
    title: "REGISTER with digest",
    scenario: "register",
    from: PHONES,
    rates: { kamailio: 2500, "npm sip": 800, mediaswitch: 1200, "mediaswitch, script apart": 1000 },
  },
  {
    id: "call",
    title: "call, both legs",
    scenario: "caller",
    from: CALLERS,
    rates: {
      kamailio: 600,
      "npm sip": 250,
      mediaswitch: 170,
      "mediaswitch, fake media": 200,
      "mediaswitch, script apart": 120,
    },
  },
];

const per = (row, server) => (of) => of(row, server)?.perCpuSecond;

const share = (row, server, atLeast) => ({
  what: `${row}: ${server}, times kamailio's`,
  value: (of) => per(row, server)(of) / per(row, "kamailio")(of),
  atLeast,
});

const octets = (what, atMost) => ({
  what: `memory of ${what}, octets`,
  value: (of) => of(`memory of ${what}`, "mediaswitch")?.octets,
  atMost,
});

/** `value` takes `of(row, server)`, the figures of one round; the median of the rounds is held to the bound. */
export const BOUNDS = [
  share("register", "mediaswitch", 1 / 3),
  share("call", "mediaswitch", 1 / 2),
  share("call", "mediaswitch, fake media", 1 / 2),
  octets("an open transaction", 2000),
  octets("a binding", 1500),
];
