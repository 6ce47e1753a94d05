/** Where a call leg stands. `offered` to `answering` are inbound, `dialling` and `remote-ringing` outbound. */
export type CallState =
  | "offered" //        inbound INVITE, nothing but 100 was sent
  | "alerting" //       our 180 went out
  | "answering" //      our 2xx is being made or waits for its ACK
  | "dialling" //       our INVITE goes out
  | "remote-ringing" // the far end sent 18x
  | "up" //             ACK or 2xx was seen
  | "ending" //         hung up by us; the far side's last word is awaited
  | "ended";

export type CallInput =
  // Verbs of the script and of the default behaviours.
  | "ring"
  /** Early media to the caller: 183 with our description. */
  | "early"
  | "answer"
  | "hangup"
  // Events of the SIP side.
  | "new"
  | "remote-ringing"
  | "remote-early"
  | "remote-early-offer"
  | "answered"
  | "offer"
  | "reinvite"
  | "modified"
  | "unmodified"
  | "key"
  | "message"
  | "ended"
  // Found out here.
  | "failed" // something this call needs could not be had: hang it up
  | "lost"; //  the SIP side knows no such call (any more): nothing will be heard of it

/** What a transition asks for, in order. */
export type CallEffect =
  | "send-ring"
  | "send-early"
  | "send-answer"
  | "send-ok"
  | "send-ack"
  | "send-early-ack" // the answer to an offer that came before the call was answered, or in a later exchange of ours
  | "send-hangup"
  | "take-answer" //   read the answer to our offer, point the channel at it, then tell the listeners
  | "take-reanswer" // the same for the answer in the ACK of a re-INVITE; listeners hear nothing
  | "take-early" //    the far end's description before the answer: point the channel at it, pass it on where wanted
  | "take-modified" // the answer to our re-INVITE
  | "relay-key" //     a key press by INFO goes to the other leg as telephone-event
  | "end-rivals" //    this leg won its group call
  | "tell-new"
  | "tell-ringing"
  | "tell-pending" //  run callbacks set after the fact they wait for
  | "finish";

export interface CallTransition {
  readonly state: CallState;
  readonly effects: readonly CallEffect[];
}

type Row = CallTransition | "ignore";

const to = (state: CallState, ...effects: CallEffect[]): CallTransition => ({ state, effects });

/** Every state × every input. */
export const CALL_MACHINE: Readonly<Record<CallState, Readonly<Record<CallInput, Row>>>> = {
  offered: {
    ring: to("alerting", "send-ring"),
    early: to("offered", "send-early"),
    answer: to("answering", "send-answer"),
    hangup: to("ending", "send-hangup"),
    new: to("offered", "tell-new"),
    "remote-ringing": "ignore",
    "remote-early": to("offered", "take-early"),
    "remote-early-offer": "ignore",
    answered: "ignore",
    offer: "ignore",
    reinvite: to("offered", "send-ok"),
    modified: "ignore",
    unmodified: "ignore",
    key: "ignore",
    message: "ignore",
    ended: to("ended", "finish"),
    failed: to("ending", "send-hangup"),
    lost: to("ended", "finish"),
  },
  alerting: {
    ring: to("alerting", "tell-pending"),
    early: to("alerting", "send-early"),
    answer: to("answering", "send-answer"),
    hangup: to("ending", "send-hangup"),
    new: "ignore",
    "remote-ringing": "ignore",
    "remote-early": to("alerting", "take-early"),
    "remote-early-offer": "ignore",
    answered: "ignore",
    offer: "ignore",
    reinvite: to("alerting", "send-ok"),
    modified: "ignore",
    unmodified: "ignore",
    key: "ignore",
    message: "ignore",
    ended: to("ended", "finish"),
    failed: to("ending", "send-hangup"),
    lost: to("ended", "finish"),
  },
  answering: {
    ring: to("answering", "tell-pending"),
    early: "ignore",
    answer: "ignore",
    hangup: to("ending", "send-hangup"),
    new: "ignore",
    "remote-ringing": "ignore",
    "remote-early": to("answering", "take-early"),
    "remote-early-offer": "ignore",
    answered: to("up", "take-answer"),
    offer: "ignore",
    reinvite: to("answering", "send-ok"),
    modified: "ignore",
    unmodified: "ignore",
    key: "ignore",
    message: "ignore",
    ended: to("ended", "finish"),
    failed: to("ending", "send-hangup"),
    lost: to("ended", "finish"),
  },
  dialling: {
    ring: "ignore",
    early: "ignore",
    answer: "ignore",
    hangup: to("ending", "send-hangup"),
    new: to("dialling", "tell-new"),
    "remote-ringing": to("remote-ringing", "tell-ringing"),
    "remote-early": to("dialling", "take-early"),
    "remote-early-offer": to("dialling", "send-early-ack"),
    answered: to("up", "end-rivals", "take-answer"),
    offer: to("up", "end-rivals", "send-ack"),
    reinvite: to("dialling", "send-ok"),
    modified: "ignore",
    unmodified: "ignore",
    key: "ignore",
    message: "ignore",
    ended: to("ended", "finish"),
    failed: to("ending", "send-hangup"),
    lost: to("ended", "finish"),
  },
  "remote-ringing": {
    ring: to("remote-ringing", "tell-pending"),
    early: "ignore",
    answer: "ignore",
    hangup: to("ending", "send-hangup"),
    new: to("remote-ringing", "tell-new"),
    "remote-ringing": "ignore",
    "remote-early": to("remote-ringing", "take-early"),
    "remote-early-offer": to("remote-ringing", "send-early-ack"),
    answered: to("up", "end-rivals", "take-answer"),
    offer: to("up", "end-rivals", "send-ack"),
    reinvite: to("remote-ringing", "send-ok"),
    modified: "ignore",
    unmodified: "ignore",
    key: "ignore",
    message: "ignore",
    ended: to("ended", "finish"),
    failed: to("ending", "send-hangup"),
    lost: to("ended", "finish"),
  },
  up: {
    ring: to("up", "tell-pending"),
    early: "ignore",
    answer: to("up", "tell-pending"),
    hangup: to("ending", "send-hangup"),
    new: to("up", "tell-new"),
    "remote-ringing": "ignore",
    "remote-early": "ignore",
    "remote-early-offer": "ignore",
    answered: to("up", "take-reanswer"),
    offer: to("up", "send-early-ack"),
    reinvite: to("up", "send-ok"),
    modified: to("up", "take-modified"),
    unmodified: "ignore",
    key: to("up", "relay-key"),
    message: "ignore",
    ended: to("ended", "finish"),
    failed: to("ending", "send-hangup"),
    lost: to("ended", "finish"),
  },
  // A 2xx or a re-INVITE that crossed our hang-up changes nothing: the SIP side ends what it finds.
  ending: {
    ring: "ignore",
    early: "ignore",
    answer: "ignore",
    hangup: "ignore",
    new: "ignore",
    "remote-ringing": "ignore",
    "remote-early": "ignore",
    "remote-early-offer": "ignore",
    answered: "ignore",
    offer: "ignore",
    reinvite: "ignore",
    modified: "ignore",
    unmodified: "ignore",
    key: "ignore",
    message: "ignore",
    ended: to("ended", "finish"),
    failed: "ignore",
    lost: to("ended", "finish"),
  },
  ended: {
    ring: "ignore",
    early: "ignore",
    answer: "ignore",
    hangup: "ignore",
    new: "ignore",
    "remote-ringing": "ignore",
    "remote-early": "ignore",
    "remote-early-offer": "ignore",
    answered: "ignore",
    offer: "ignore",
    reinvite: "ignore",
    modified: "ignore",
    unmodified: "ignore",
    key: "ignore",
    message: "ignore",
    ended: "ignore",
    failed: "ignore",
    lost: "ignore",
  },
};

/** The row of `state` and `input`; what is ignored stays where it is and asks for nothing. */
export function transition(state: CallState, input: CallInput): CallTransition {
  const row = CALL_MACHINE[state][input];
  return row === "ignore" ? { state, effects: [] } : row;
}
