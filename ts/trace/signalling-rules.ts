/** What can be wrong with the messages of a call: one row for each. */
import {
  farAudio,
  ownAudio,
  ownReason,
  refusalOf,
  requestsOf,
  responsesOf,
  type CaseMessage,
  type LegCase,
} from "./call-case.js";
import { headerOf } from "./message-text.js";
import { isInbound, ofLeg, ofRefusal, seconds, type Rule, type Seen } from "./rule.js";

/** Milliseconds that a script may think about a call. */
const SCRIPT_WITHIN = 5_000;

/** Answers to requests that had credentials, and refuse them again. */
function refusedCredentials(leg: LegCase, way: "in" | "out"): readonly CaseMessage[] {
  const withCredentials = new Set(
    requestsOf(leg, way === "in" ? "out" : "in")
      .filter(({ message }) => credentialsOf(message) !== undefined)
      .map(({ message }) => headerOf(message, "cseq")),
  );
  return leg.messages.filter(
    ({ traced, message }) =>
      traced.direction === way &&
      traced.retransmission !== true &&
      [401, 403, 407].includes(message.status ?? 0) &&
      withCredentials.has(headerOf(message, "cseq")) &&
      !/stale\s*=\s*"?true/i.test(challengeOf(message) ?? ""),
  );
}

const credentialsOf = (message: CaseMessage["message"]): string | undefined =>
  headerOf(message, "authorization") ?? headerOf(message, "proxy-authorization");
const challengeOf = (message: CaseMessage["message"]): string | undefined =>
  headerOf(message, "www-authenticate") ?? headerOf(message, "proxy-authenticate");

const hasSucceeded = (leg: LegCase, way: "in" | "out"): boolean =>
  leg.messages.some(
    ({ traced, message: { status = 0, method } }) =>
      traced.direction === way && status >= 200 && status < 300 && /^(INVITE|REGISTER)$/.test(method),
  );

const codecsIn = (leg: LegCase, which: "theirs" | "ours"): string => {
  const codecs = (which === "theirs" ? farAudio(leg) : ownAudio(leg))?.codecs ?? [];
  return codecs.length === 0 ? "nothing" : codecs.join(", ");
};

export const SIGNALLING_RULES: readonly Rule[] = [
  {
    rule: "wrong-password",
    look: ofLeg((leg) => {
      const ours = refusedCredentials(leg, "out");
      if (ours.length > 0 && !hasSucceeded(leg, "out")) {
        const times = ours.length === 1 ? "" : `, ${String(ours.length)} times`;
        return {
          severity: "failure",
          text: `${leg.who} sent credentials and they were refused${times}: the user name or the password is wrong.`,
          advice: "Compare what the phone has for user name and password with the directory.",
        };
      }
      if (refusedCredentials(leg, "in").length === 0 || hasSucceeded(leg, "in")) return undefined;
      return {
        severity: "failure",
        text: `${leg.who} refused our credentials: the user name or the password of the gateway is wrong.`,
        advice: "Compare authname and authsecret with what the provider has given you.",
      };
    }),
  },
  {
    rule: "no-credentials",
    look: ofLeg((leg) => {
      if (!isInbound(leg) || hasSucceeded(leg, "out")) return undefined;
      const asked = leg.messages.some(
        ({ traced, message }) => traced.direction === "out" && [401, 407].includes(message.status ?? 0),
      );
      const given = requestsOf(leg, "in").some(({ message }) => credentialsOf(message) !== undefined);
      if (!asked || given) return undefined;
      return {
        severity: "failure",
        text: `${leg.who} was asked for a password and sent none: it has none for this realm, or our answer did not reach it.`,
        advice: "Set user name and password on the phone; a trunk without a password is named with --trust.",
      };
    }),
  },
  {
    rule: "no-common-codec",
    look: (found) => [
      ...ofRefusal([415, 488, 606], "out", (leg) => ({
        severity: "failure",
        text: `${leg.who} and the switch have no codec in common, or its description can't be used: it offers ${codecsIn(leg, "theirs")}.`,
        advice: "Allow PCMA or PCMU on the phone, or add one of its codecs to those of the script.",
      }))(found),
      ...ofRefusal([415, 488, 606], "in", (leg) => ({
        severity: "failure",
        text: `${leg.who} takes nothing of what we offered: ${codecsIn(leg, "ours")}.`,
        advice: "Offer a codec that it has: PCMA or PCMU are nearly always among them.",
      }))(found),
    ],
  },
  {
    rule: "not-found",
    look: (found) => [
      ...ofRefusal([404, 410, 604], "out", (leg) => ({
        severity: "failure",
        text: `We told ${leg.who} that nobody is to be found at ${leg.leg?.to ?? found.trace.to}.`,
        advice: "Look whether the directory has that user and the script has a rule for that number.",
      }))(found),
      ...ofRefusal([404, 410, 604], "in", (leg, phrase, status) => ({
        severity: "failure",
        text: `The far end does not know ${leg.who}: ${String(status)} ${phrase}.`,
        advice: "Look at the number as it was sent: many trunks want it with + and country code.",
      }))(found),
    ],
  },
  {
    rule: "not-registered",
    look: ofLeg((leg) => {
      const { cause } = leg.leg ?? {};
      const isSaid =
        /not registered|no phone/i.test(cause?.text ?? "") || cause?.name === "USER_NOT_REGISTERED";
      const sent = requestsOf(leg, "out", "INVITE").length > 0;
      if (isInbound(leg) || sent || !(isSaid || cause?.sip === 480)) return undefined;
      return {
        severity: "failure",
        text: `${leg.who} could not be called: no phone is registered as that.`,
        advice: "See GET /reg on the sip component; trace the Call-ID of the phone's REGISTER.",
      };
    }),
  },
  {
    rule: "unavailable",
    look: ofRefusal([480], "in", (leg, phrase) => ({
      severity: "failure",
      text: `${leg.who} is not there: 480 ${phrase}. The phone is logged out or set to "do not disturb".`,
    })),
  },
  {
    rule: "busy",
    look: ofRefusal([486, 600], "in", (leg) => ({ severity: "failure", text: `${leg.who} is busy.` })),
  },
  {
    rule: "declined",
    look: ofRefusal([603, 607, 608], "in", (leg, phrase) => ({
      severity: "failure",
      text: `${leg.who} declined the call: ${phrase}.`,
    })),
  },
  {
    rule: "forbidden",
    look: (found) => [
      ...ofRefusal([403], "out", (leg) =>
        refusedCredentials(leg, "out").length > 0
          ? undefined
          : {
              severity: "failure",
              text: `We forbade ${leg.who} the call to ${leg.leg?.to ?? found.trace.to}.`,
              advice: "Look at the script's rules and at the domain in the phone's settings.",
            },
      )(found),
      ...ofRefusal([403], "in", (leg, phrase) =>
        refusedCredentials(leg, "in").length > 0
          ? undefined
          : { severity: "failure", text: `The far end forbids the call to ${leg.who}: 403 ${phrase}.` },
      )(found),
    ],
  },
  {
    rule: "overloaded",
    look: ofRefusal([503], "out", (leg) => ({
      severity: "failure",
      text: `We refused ${leg.who} with 503: the switch was being drained, had too much to do, or had no media server.`,
      advice: "GET /health tells whether it drains, and what was refused for which reason.",
    })),
  },
  {
    rule: "far-end-overloaded",
    look: ofRefusal([500, 502, 503, 504], "in", (leg, phrase, status) => ({
      severity: "failure",
      text: `The far end failed when ${leg.who} was called: ${String(status)} ${phrase}.`,
      advice: "Try later, or by another gateway.",
    })),
  },
  {
    rule: "loop",
    look: (found) =>
      [...ofRefusal([482, 483], "in", loop)(found), ...ofRefusal([482, 483], "out", loop)(found)].slice(0, 1),
  },
  {
    rule: "no-response",
    look: ofLeg((leg) => {
      const invites = requestsOf(leg, "out", "INVITE");
      if (invites.length < 3 || responsesOf(leg, "in").length > 0) return undefined;
      const [first] = invites;
      return {
        severity: "failure",
        text: `${leg.who} did not answer a single one of ${String(invites.length)} INVITEs to ${first?.traced.peer ?? "its address"}: it is gone, or a firewall or NAT is in between.`,
        advice: "Let the phone register more often (--max-expires), or keep its NAT open (--ping-interval).",
      };
    }),
  },
  {
    rule: "no-answer",
    look: ofLeg((leg) => {
      const { ring, answer, end } = leg.leg ?? {};
      if (isInbound(leg) || ring === undefined || answer !== undefined || end === undefined) return undefined;
      if (requestsOf(leg, "out", "CANCEL").length === 0 && refusalOf(leg)?.status !== 408) return undefined;
      return { severity: "failure", text: `${leg.who} rang for ${seconds(end - ring)} and nobody answered.` };
    }),
  },
  {
    rule: "caller-gave-up",
    look: ofLeg((leg) => {
      const [cancel] = requestsOf(leg, "in", "CANCEL");
      if (cancel === undefined) return undefined;
      const waited = cancel.traced.at - (leg.leg?.start ?? leg.messages[0]?.traced.at ?? cancel.traced.at);
      return { severity: "note", text: `${leg.who} hung up before an answer, after ${seconds(waited)}.` };
    }),
  },
  {
    rule: "script-failed",
    look: ofLeg((leg) => {
      const { cause } = leg.leg ?? {};
      const isTold =
        (refusalOf(leg)?.way === "out" && refusalOf(leg)?.status === 500) ||
        /cause=500\b/.test(ownReason(leg));
      if (cause?.sip !== 500 || !isTold) return undefined;
      return {
        severity: "failure",
        text: `The script failed while it had the call: ${cause.text}.`,
        advice: "The log has the whole error, under this callid.",
      };
    }),
  },
  {
    rule: "script-silent",
    look: ofLeg((leg, { now }) => {
      if (leg.leg === undefined || !isInbound(leg)) return undefined;
      const { start, ring, answer, end = now } = leg.leg;
      const progress = responsesOf(leg, "out").some(
        ({ message: { status = 0 } }) => status > 100 && status < 300,
      );
      const isGivenUp =
        requestsOf(leg, "in", "CANCEL").length > 0 || [408, 480, 504].includes(refusalOf(leg)?.status ?? 0);
      const isLive = leg.leg.end === undefined;
      if (ring !== undefined || answer !== undefined || progress || end - start < SCRIPT_WITHIN)
        return undefined;
      if (!isGivenUp && !isLive) return undefined;
      return {
        severity: "failure",
        text: `The script neither rang nor answered ${leg.who} for ${seconds(end - start)}.`,
        advice: "Look whether it waits for something that never comes, or whether it blocks its thread.",
      };
    }),
  },
  {
    rule: "ack-missing",
    look: ofLeg((leg) => {
      const accepted = responsesOf(leg, "out").filter(({ message }) => message.status === 200);
      const [first] = accepted;
      if (first === undefined || accepted.length < 3 || requestsOf(leg, "in", "ACK").length > 0)
        return undefined;
      const contact = headerOf(first.message, "contact") ?? "our Contact";
      return {
        severity: "failure",
        text: `${leg.who} never acknowledged our answer, though it was sent ${String(accepted.length)} times: its ACK goes to ${contact} and does not get here.`,
        advice:
          "Let that address be one that the phone can reach: --advertise, or the firewall's SIP helper off.",
      };
    }),
  },
  {
    rule: "session-expired",
    look: ofLeg((leg) =>
      /Session expired|No response/i.test(ownReason(leg))
        ? {
            severity: "failure",
            text: `${leg.who} went away without a BYE: the session was not refreshed in time (RFC 4028), so we ended it.`,
            advice: "Its power, network or NAT failed in mid-call.",
          }
        : undefined,
    ),
  },
  {
    rule: "max-duration",
    look: ofLeg((leg) =>
      /Maximum call duration/i.test(ownReason(leg))
        ? {
            severity: "failure",
            text: `The call with ${leg.who} had lasted as long as a call may: we ended it after ${seconds(leg.talked ?? 0)}.`,
            advice: "--max-duration says how long that is.",
          }
        : undefined,
    ),
  },
  {
    rule: "late-offer",
    look: ofLeg((leg) => {
      const isBare = ({ message }: CaseMessage): boolean => message.body === "";
      const acks = requestsOf(leg, "in", "ACK");
      const isAsked = requestsOf(leg, "in", "INVITE").every(isBare) && isInbound(leg);
      const offered = responsesOf(leg, "out").some(
        ({ message }) => message.status === 200 && message.body !== "",
      );
      if (isAsked && offered && acks.length > 0 && acks.every(isBare)) {
        return {
          severity: "failure",
          text: `${leg.who} called without a description, was sent ours, and never told its own in the ACK: nothing is known of its audio.`,
          advice: "Switch off late offers (delayed media) on that device.",
        };
      }
      const bare = new Set(
        requestsOf(leg, "out", "INVITE")
          .filter(isBare)
          .map(({ message }) => headerOf(message, "cseq")),
      );
      const refused = responsesOf(leg, "in").find(
        ({ message }) =>
          (message.status ?? 0) >= 400 &&
          ![401, 407, 487, 491].includes(message.status ?? 0) &&
          bare.has(headerOf(message, "cseq")),
      );
      if (refused === undefined) return undefined;
      return {
        severity: "warning",
        text: `${leg.who} was asked for an offer (INVITE without a description) and refused: ${refused.message.firstLine}. It takes no late offers.`,
      };
    }),
  },
];

function loop(leg: LegCase, phrase: string, status: number): Omit<Seen, "leg"> {
  return {
    severity: "failure",
    text: `The call to ${leg.who} goes round in a circle: ${String(status)} ${phrase}.`,
    advice: "Two switches or diversions point at each other.",
  };
}
