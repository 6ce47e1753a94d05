import { connectionOf, isUnspecified } from "./address.js";
import { parseDirection } from "./fields.js";
import type { Direction, MediaDescription, SessionDescription } from "./session-description.js";

export type { Direction } from "./session-description.js";

/** What a direction allows its writer to do. */
export interface Flow {
  readonly send: boolean;
  readonly recv: boolean;
}

export function flowOf(direction: Direction): Flow {
  switch (direction) {
    case "sendrecv":
      return { send: true, recv: true };
    case "sendonly":
      return { send: true, recv: false };
    case "recvonly":
      return { send: false, recv: true };
    case "inactive":
      return { send: false, recv: false };
  }
}

export function directionOf({ send, recv }: Flow): Direction {
  if (send) return recv ? "sendrecv" : "sendonly";
  return recv ? "recvonly" : "inactive";
}

/** The same flow seen from the other end. */
export function reverseDirection(direction: Direction): Direction {
  const { send, recv } = flowOf(direction);
  return directionOf({ send: recv, recv: send });
}

/** Only what both allow; both seen from the same end. */
export function narrowDirection(one: Direction, other: Direction): Direction {
  const [a, b] = [flowOf(one), flowOf(other)];
  return directionOf({ send: a.send && b.send, recv: a.recv && b.recv });
}

/** The direction to answer `offered` with, where `own` is all we want (RFC 3264 §6.1). */
export function answerDirection(offered: Direction, own: Direction): Direction {
  return narrowDirection(reverseDirection(offered), own);
}

/** The attribute that counts: the section's, else the session's, else sendrecv (RFC 8866 §6.7). */
export function attributeDirection(session: SessionDescription, media: MediaDescription): Direction {
  if (media.direction !== undefined) return media.direction;
  for (const { name, value } of session.a) {
    const direction = value === undefined ? parseDirection(name) : undefined;
    if (direction !== undefined) return direction;
  }
  return "sendrecv";
}

/** `attributeDirection`, but who gives the address 0.0.0.0 receives nothing (RFC 3264 §8.4). */
export function effectiveDirection(session: SessionDescription, media: MediaDescription): Direction {
  const direction = attributeDirection(session, media);
  return isUnspecified(connectionOf(session, media)) ? narrowDirection(direction, "sendonly") : direction;
}

/** Whether the writer of this section holds the other side: it does not want to hear it (RFC 3264 §8.4). */
export function isMediaHeld(session: SessionDescription, media: MediaDescription): boolean {
  return media.port !== 0 && !flowOf(effectiveDirection(session, media)).recv;
}

/** Whether the writer holds the call: its first audio in use is inactive, sendonly or at 0.0.0.0. */
export function isHold(description: SessionDescription): boolean {
  const audio = description.m.find((media) => media.media === "audio" && media.port !== 0);
  return audio !== undefined && isMediaHeld(description, audio);
}
