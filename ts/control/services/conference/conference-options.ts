/** What a conference room is told, and what it tells: types only. All numbers of time are milliseconds. */
import type { Sounds } from "../../app/sound.js";
import type { Abortable } from "../../app/verb-options.js";

/** What a room goes by; can be changed while it is in use. */
export interface ConferenceSettings {
  /** Default 100. */
  readonly maxMembers?: number;
  /** Digits that members have to give; none: everybody gets in. */
  readonly pin?: string;
  /** Digits by which a member becomes a moderator; they get in where `pin` is asked for, too. */
  readonly moderatorPin?: string;
  /** Nobody hears anybody before a moderator is there. */
  readonly waitForModerator?: boolean;
  /** When the last moderator leaves, all have to. */
  readonly endWithModerator?: boolean;
  readonly sounds?: {
    /** To all who are there, when somebody comes or goes. */
    readonly join?: Sounds;
    readonly leave?: Sounds;
    /** Again and again, to who is alone or waits for the moderator. */
    readonly music?: Sounds;
  };
}

export interface ConferenceOptions extends Abortable {
  readonly moderator?: boolean;
  /** Not heard, or hearing nothing, until that is changed. */
  readonly muted?: boolean;
  readonly deaf?: boolean;
  /** For the roster; default: who calls, or was called. */
  readonly name?: string;
  /** The digits as they were given, or how to ask the caller for them. */
  readonly pin?: string | PinPrompt;
  /** Told when it is in: by this handle it can be muted and so on. */
  readonly joined?: (member: ConferenceMember) => unknown;
}

export interface PinPrompt {
  readonly prompt: Sounds;
  /** Played after digits that are not right. */
  readonly wrong?: Sounds;
  /** Default 3. */
  readonly tries?: number;
}

/** `left`: by `leave`, or because its call was bridged elsewhere. `ended`: the room was closed, or lost its moderator. */
export type ConferenceResult =
  | { readonly outcome: "left" | "kicked" | "ended"; readonly duration: number }
  | { readonly outcome: "refused"; readonly reason: "pin" | "full" | "locked" };

/** Who is in a room. */
export interface ConferenceMember {
  readonly callid: string;
  readonly name: string;
  readonly moderator: boolean;
  /** Muted by itself or others. */
  readonly muted: boolean;
  readonly deaf: boolean;
  /** Its far end has us on hold: the room does not hear its music. */
  readonly held: boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
  mute(): Promise<void>;
  unmute(): Promise<void>;
  deafen(): Promise<void>;
  undeafen(): Promise<void>;
  /** Its verb tells `kicked`. */
  kick(): Promise<void>;
  /** Its verb tells `left`. */
  leave(): Promise<void>;
}

export type ConferenceEvent = { readonly at: number; readonly room: string } & (
  | { readonly type: "joined"; readonly callid: string; readonly name: string; readonly moderator: boolean }
  | { readonly type: "left"; readonly callid: string; readonly name: string; readonly why: LeaveReason }
  | { readonly type: "refused"; readonly callid: string; readonly reason: "pin" | "full" | "locked" }
  | {
      readonly type: "muted" | "unmuted" | "deafened" | "undeafened" | "held" | "unheld";
      readonly callid: string;
    }
  /** All hear each other; or wait for the moderator (again). */
  | { readonly type: "opened" | "waiting" }
  | { readonly type: "locked" | "unlocked" }
  | { readonly type: "recording"; readonly file: string }
  | { readonly type: "recorded"; readonly file: string }
  | { readonly type: "ended" }
);

/** `hungup`: its call has ended. */
export type LeaveReason = "left" | "kicked" | "ended" | "hungup" | "failed";
