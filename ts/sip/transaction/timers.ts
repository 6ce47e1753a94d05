import { ms, seconds, type Millis } from "../../core/brand.js";

/** Estimates of RFC 3261 Table 4: round-trip time, largest gap between retransmissions, life of a message on the network. */
export const T1 = ms(500);
export const T2 = seconds(4);
export const T4 = seconds(5);

/** The timers of RFC 3261 §17 (its Table 4 lists them), timer C of §16.6, and L and M of RFC 6026. */
export type TimerName = "A" | "B" | "C" | "D" | "E" | "F" | "G" | "H" | "I" | "J" | "K" | "L" | "M";

/** "off": never started; over a reliable transport nothing is retransmitted. */
export type TimerValue = Millis | "off";

/** First gap of A, E and G; the whole time of the others. */
export type TimerValues = Readonly<Record<TimerName, TimerValue>> & {
  /** Largest gap between retransmissions (§17.1.2.2, §17.2.1). */
  readonly T2: Millis;
};

/** Estimates the values are made of (RFC 3261 §17.1.1.1, Table 4), and values set one by one. */
export type TimerOptions = {
  /** Round-trip time; 500 ms. */
  readonly T1?: Millis;
  /** Largest gap between retransmissions; 4 s. */
  readonly T2?: Millis;
  /** How long a message lives in the network; 5 s. */
  readonly T4?: Millis;
} & Readonly<Partial<Record<TimerName, TimerValue>>>;

/** Whether the transport itself delivers or fails: UDP does neither. */
export type Reliability = "unreliable" | "reliable";

export function timerValues(
  options: TimerOptions = {},
  reliability: Reliability = "unreliable",
): TimerValues {
  const { T1: roundTrip = T1, T2: largestGap = T2, T4: lifetime = T4, ...chosen } = options;
  const longest = ms(64 * roundTrip);
  const unlessReliable = <Value>(value: TimerValue, otherwise: Value): TimerValue | Value =>
    reliability === "unreliable" ? value : otherwise;
  return {
    T2: largestGap,
    A: unlessReliable(roundTrip, "off"), // INVITE again (§17.1.1.2)
    B: longest, //                   INVITE without any response (§17.1.1.2)
    C: seconds(181), //              INVITE without a final one: more than 3 minutes (§16.6 step 11)
    // Waits for further copies of a final response: at least 32 s, as the server may have another T1 (§17.1.1.2).
    D: unlessReliable(ms(Math.max(32_000, longest)), ms(0)),
    E: unlessReliable(roundTrip, "off"), // other request again (§17.1.2.2)
    F: longest, //                   other request without a final response (§17.1.2.2)
    G: unlessReliable(roundTrip, "off"), // final response to INVITE again (§17.2.1)
    H: longest, //                   final response without ACK (§17.2.1)
    I: unlessReliable(lifetime, ms(0)), // waits for further copies of the ACK (§17.2.1)
    J: unlessReliable(longest, ms(0)), // waits for further copies of a request (§17.2.2)
    K: unlessReliable(lifetime, ms(0)), // waits for further copies of a response (§17.1.2.2)
    L: longest, //                   a 2xx was sent: absorbs copies of the INVITE (RFC 6026 §7.1)
    M: longest, //                   a 2xx came: lets further ones through (RFC 6026 §7.2)
    ...chosen,
  };
}
