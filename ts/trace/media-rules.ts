/** What can be wrong with the audio of a call: one row for each. */
import { behindNat, farAudio, ownAudio, type LegCase } from "./call-case.js";
import { ofLeg, seconds, type Rule, type Seen } from "./rule.js";

/** Milliseconds after an answer in which audio has to have come. */
const AUDIO_WITHIN = 4_000;
/** Milliseconds in mid-call without audio that are no pause of a jitter buffer any more. */
const LONG_GAP = 4_000;
/** Share of packets lost, and milliseconds of jitter, that people hear. */
const BAD_LOSS = 0.05;
const BAD_JITTER = 50;
/** Packets, of which fewer say nothing. */
const ENOUGH = 50;
const FEW = 5;

const droppedOf = ({ media }: LegCase, reason: string): number => media?.dropped[reason] ?? 0;

/** Answered, long enough that audio should have come, and yet none was taken. */
function isSilent(leg: LegCase): boolean {
  if (leg.media === undefined || leg.talked === undefined || leg.talked < AUDIO_WITHIN) return false;
  const direction = farAudio(leg)?.direction;
  return leg.media.received.packets === 0 && direction !== "recvonly" && direction !== "inactive";
}

const isRefusedSource = (leg: LegCase): boolean =>
  droppedOf(leg, "UnknownSource") > Math.max(ENOUGH, leg.media?.received.packets ?? 0);

/** Why its packets may not find their way, to be put behind a statement. */
function natOf(leg: LegCase): string {
  const nat = behindNat(leg);
  return nat === undefined ? "" : `; ${nat.signs}: likely NAT`;
}

/** Milliseconds from its answer to its first packet. */
function firstAfter({ leg, moments }: LegCase): number | undefined {
  const first = moments.find(({ type }) => type === "first-packet");
  return leg?.answer === undefined || first === undefined ? undefined : first.at - leg.answer;
}

/** The longest time without audio since it was answered. */
function longGap({ leg, moments }: LegCase): { readonly millis: number; readonly after: number } | undefined {
  const answer = leg?.answer;
  if (answer === undefined) return undefined;
  const gaps = moments
    .flatMap(({ type, at, millis = 0 }) =>
      type === "gap" ? [{ from: Math.max(at, answer), to: at + millis }] : [],
    )
    .map(({ from, to }) => ({ millis: to - from, after: from - answer }))
    .sort((a, b) => b.millis - a.millis);
  return gaps.find(({ millis }) => millis >= LONG_GAP);
}

const lossOf = ({ packets, lost }: { readonly packets: number; readonly lost: number | null }): number =>
  lost === null || packets + lost < ENOUGH ? 0 : lost / (packets + lost);

export const MEDIA_RULES: readonly Rule[] = [
  {
    rule: "lease-expired",
    look: closedBecause("lease-expired", {
      severity: "failure",
      text: "The media server closed the channel: it had not heard of its control for as long as its lease ran.",
      advice: "Control was stopped or blocked, or the network between the two failed.",
    }),
  },
  {
    rule: "media-idle",
    look: closedBecause("idle-timeout", {
      severity: "failure",
      text: "The media server closed the channel because no audio had come for too long.",
      advice: "See what else is said here of that leg's audio.",
    }),
  },
  {
    rule: "no-rtp",
    look: ofLeg((leg) => {
      if (!isSilent(leg) || isRefusedSource(leg)) return undefined;
      const nat = natOf(leg);
      return {
        severity: "failure",
        text: `No RTP from ${leg.who} for ${seconds(leg.talked ?? 0)} after the answer${nat}.`,
        advice:
          nat === ""
            ? "Open the UDP ports of --ports in every firewall on the way, and see that --advertise is an address it can reach."
            : "Switch on rport or STUN on the phone, or symmetric NAT handling in its router; switch off the router's SIP ALG.",
      };
    }),
  },
  {
    rule: "late-audio",
    look: ofLeg((leg) => {
      const late = firstAfter(leg);
      if (late === undefined || late < AUDIO_WITHIN) return undefined;
      return {
        severity: "warning",
        text: `The first RTP from ${leg.who} came ${seconds(late)} after the answer${natOf(leg)}.`,
        advice:
          "Either it sends only once it has heard something, or a firewall or NAT on the way opened late.",
      };
    }),
  },
  {
    rule: "audio-gap",
    look: ofLeg((leg) => {
      const gap = longGap(leg);
      if (gap === undefined || farAudio(leg)?.comfortNoise === true) return undefined;
      return {
        severity: "warning",
        text: `No RTP from ${leg.who} for ${seconds(gap.millis)}, beginning ${seconds(gap.after)} after the answer.`,
        advice:
          "Look at its Wi-Fi or line. A phone that sends nothing while nobody speaks (silence suppression) looks the same.",
      };
    }),
  },
  {
    rule: "not-sent",
    look: ofLeg((leg) => {
      const reasons = Object.entries(leg.media?.refused ?? {});
      const count = reasons.reduce((sum, [, each]) => sum + each, 0);
      if (count < FEW) return undefined;
      const why = reasons.map(([reason, each]) => `${reason} ${String(each)}`).join(", ");
      return {
        severity: "warning",
        text: `${String(count)} packets for ${leg.who} were not sent: ${why}.`,
        advice:
          "SendWouldBlock: the network card is slower than what is to be sent. SendFailed: no route there, or a firewall of this machine.",
      };
    }),
  },
  {
    rule: "rtp-from-elsewhere",
    look: ofLeg((leg) =>
      isRefusedSource(leg)
        ? {
            severity: "failure",
            text: `${String(droppedOf(leg, "UnknownSource"))} packets for ${leg.who} came from an address that was neither agreed on nor learnt, and were refused.`,
            advice: "Its audio changes its way in mid-call, or somebody else sends to this port.",
          }
        : undefined,
    ),
  },
  {
    rule: "one-way-audio",
    look: ({ legs }) => {
      const silent = legs.filter((leg) => isSilent(leg) || isRefusedSource(leg));
      const heard = legs.filter(
        (leg) => leg.talked !== undefined && !silent.includes(leg) && (leg.media?.received.packets ?? 0) > 0,
      );
      const [mute] = silent;
      const [speaker] = heard;
      if (mute === undefined || speaker === undefined) return [];
      return [
        {
          severity: "failure",
          text: `One-way audio: ${speaker.who} was heard, ${mute.who} was not.`,
          ...(mute.index !== undefined && { leg: mute.index }),
        },
      ];
    },
  },
  {
    rule: "private-address",
    look: ofLeg((leg) => {
      const nat = behindNat(leg);
      if (nat === undefined || isSilent(leg)) return undefined;
      return {
        severity: "note",
        text: `${leg.who} is behind a NAT and does not know it: ${nat.signs}. The switch answers to where packets come from.`,
      };
    }),
  },
  {
    rule: "loss",
    look: ofLeg((leg) => {
      const [here, there] = [lossOf(leg.media?.received ?? NONE), lossOf(leg.media?.sent ?? NONE)];
      if (Math.max(here, there) < BAD_LOSS) return undefined;
      const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
      return {
        severity: "warning",
        text: `Packets were lost: ${percent(here)} of what ${leg.who} sent, ${percent(there)} of what it was sent.`,
        advice: "Look at its Wi-Fi or line; give RTP priority in the routers.",
      };
    }),
  },
  {
    rule: "jitter",
    look: ofLeg((leg) => {
      const { jitterMillis, packets } = leg.media?.received ?? { jitterMillis: null, packets: 0 };
      if (jitterMillis === null || jitterMillis < BAD_JITTER || packets < ENOUGH) return undefined;
      return {
        severity: "warning",
        text: `Packets of ${leg.who} came unevenly: jitter of ${jitterMillis.toFixed(0)} ms.`,
        advice: "Look at its Wi-Fi or line; give RTP priority in the routers.",
      };
    }),
  },
  {
    rule: "payload-type",
    look: ofLeg((leg) => {
      const count = droppedOf(leg, "UnexpectedPayloadType");
      if (count < FEW) return undefined;
      const [theirs, ours] = [farAudio(leg)?.telephoneEvent, ownAudio(leg)?.telephoneEvent];
      const keys =
        theirs !== undefined && ours !== undefined && theirs !== ours
          ? ` It numbers telephone-events ${String(theirs)} and we ${String(ours)}: perhaps its key presses are among them.`
          : "";
      return {
        severity: "warning",
        text: `${String(count)} packets of ${leg.who} had a payload type that was not agreed on.${keys}`,
        advice: "Give telephone-events the same payload type (101) on both sides.",
      };
    }),
  },
  {
    rule: "no-telephone-event",
    look: ofLeg((leg) => {
      const audio = farAudio(leg);
      if (leg.talked === undefined || audio === undefined || audio.telephoneEvent !== undefined)
        return undefined;
      return {
        severity: "note",
        text: `${leg.who} takes no telephone-events (RFC 4733): key presses reach it only as tones in the audio.`,
      };
    }),
  },
];

const NONE = { packets: 0, lost: null };

function closedBecause(reason: string, said: Omit<Seen, "leg">): Rule["look"] {
  return ({ trace }) => {
    const closed = trace.media.find(({ type, text }) => type === "closed" && text.endsWith(`: ${reason}`));
    return closed === undefined ? [] : [{ ...said, leg: closed.leg }];
  };
}
