/**
 * The life of a subscription at the notifier (RFC 6665 §4.2), as one complete table: every state × every input has
 * a row. Whether it is active or pending (its figure 2) is data; what has to be ordered is when a NOTIFY goes: at once
 * after each SUBSCRIBE (§4.2.1.2), one at a time, not more often than the package allows, and a last one at the end.
 */
export type SubscriptionState =
  /** All is told, and news may be told at once. */
  | "idle"
  /** A NOTIFY is out. */
  | "notifying"
  /** A NOTIFY is out, and there is news that it does not tell. */
  | "behind"
  /**
   * A NOTIFY is out, and the next has to follow without a pause: a SUBSCRIBE came meanwhile.
   * DEPARTURE RFC 6665 §4.2.1.2: it waits for the answer to the one that is out. Two at once may overtake each other, and
   * the older would then be the last that the subscriber believes.
   */
  | "owing"
  /** All is told; it is too early for the next NOTIFY. */
  | "resting"
  /** There is news, and it is too early for the next NOTIFY. */
  | "waiting"
  /** A NOTIFY is out, and after it the last one. */
  | "leaving"
  /** The last NOTIFY is out. */
  | "closing"
  | "ended";

export type SubscriptionInput =
  /** A SUBSCRIBE was accepted: the first one, or a refresh. */
  | "subscribe"
  /** What is subscribed to has changed. */
  | "news"
  /** Given up by the subscriber, run out, or taken away. */
  | "end"
  /** 2xx to the NOTIFY that is out. */
  | "delivered"
  /** That NOTIFY was refused with Retry-After. */
  | "later"
  /** That NOTIFY was refused or never answered (§4.2.2), or its connection is closed. */
  | "gone"
  | "pause over";

export type SubscriptionAction =
  | "send NOTIFY"
  /** With the state `terminated`. */
  | "send last NOTIFY"
  /** Until the package allows the next NOTIFY. */
  | "rest"
  /** As long as Retry-After says. */
  | "wait as told"
  | "stop pause"
  | "tell ended";

export interface SubscriptionRow {
  readonly next: SubscriptionState;
  readonly actions: readonly SubscriptionAction[];
}

export type SubscriptionTable = Readonly<
  Record<SubscriptionState, Readonly<Record<SubscriptionInput, SubscriptionRow | "ignore">>>
>;

const go = (next: SubscriptionState, ...actions: SubscriptionAction[]): SubscriptionRow => ({
  next,
  actions,
});

export const subscriptionTable: SubscriptionTable = {
  idle: {
    subscribe: go("notifying", "send NOTIFY"),
    news: go("notifying", "send NOTIFY"),
    end: go("closing", "send last NOTIFY"),
    delivered: "ignore",
    later: "ignore",
    gone: go("ended", "tell ended"),
    "pause over": "ignore",
  },
  notifying: {
    subscribe: go("owing"),
    news: go("behind"),
    end: go("leaving"),
    delivered: go("resting", "rest"),
    later: go("waiting", "wait as told"),
    gone: go("ended", "tell ended"),
    "pause over": "ignore",
  },
  behind: {
    subscribe: go("owing"),
    news: "ignore",
    end: go("leaving"),
    delivered: go("waiting", "rest"),
    later: go("waiting", "wait as told"),
    gone: go("ended", "tell ended"),
    "pause over": "ignore",
  },
  owing: {
    subscribe: "ignore",
    news: "ignore",
    end: go("leaving"),
    delivered: go("notifying", "send NOTIFY"),
    later: go("waiting", "wait as told"),
    gone: go("ended", "tell ended"),
    "pause over": "ignore",
  },
  resting: {
    subscribe: go("notifying", "stop pause", "send NOTIFY"),
    news: go("waiting"),
    end: go("closing", "stop pause", "send last NOTIFY"),
    delivered: "ignore",
    later: "ignore",
    gone: go("ended", "stop pause", "tell ended"),
    "pause over": go("idle"),
  },
  waiting: {
    subscribe: go("notifying", "stop pause", "send NOTIFY"),
    news: "ignore",
    end: go("closing", "stop pause", "send last NOTIFY"),
    delivered: "ignore",
    later: "ignore",
    gone: go("ended", "stop pause", "tell ended"),
    "pause over": go("notifying", "send NOTIFY"),
  },
  leaving: {
    subscribe: "ignore",
    news: "ignore",
    end: "ignore",
    delivered: go("closing", "send last NOTIFY"),
    later: go("closing", "send last NOTIFY"),
    gone: go("ended", "tell ended"),
    "pause over": "ignore",
  },
  closing: {
    subscribe: "ignore",
    news: "ignore",
    end: "ignore",
    delivered: go("ended", "tell ended"),
    later: go("ended", "tell ended"), // nothing is owed any more
    gone: go("ended", "tell ended"),
    "pause over": "ignore",
  },
  ended: {
    subscribe: "ignore",
    news: "ignore",
    end: "ignore",
    delivered: "ignore",
    later: "ignore",
    gone: "ignore",
    "pause over": "ignore",
  },
};

/** A SUBSCRIBE can still refresh it (§4.2.1.4: 481 otherwise). */
export const isLive = (state: SubscriptionState): boolean =>
  state !== "leaving" && state !== "closing" && state !== "ended";
