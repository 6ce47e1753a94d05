import type { EpochMillis, Millis } from "../../../core/brand.js";
import type { Joint, Line } from "../../app/line.js";
import type { ConferenceMember, ConferenceResult, LeaveReason } from "./conference-options.js";

/** What a member asks of its room. */
export interface MemberRoom {
  changed(
    member: Member,
    what: "muted" | "unmuted" | "deafened" | "undeafened" | "held" | "unheld",
  ): Promise<void>;
  remove(member: Member, why: LeaveReason): Promise<void>;
}

export interface MemberOptions {
  readonly line: Line;
  readonly room: MemberRoom;
  readonly name: string;
  readonly moderator: boolean;
  readonly muted: boolean;
  readonly deaf: boolean;
  /** Told once, when it has left. */
  readonly left: (result: ConferenceResult, why: LeaveReason) => void;
}

/** One who is in a room, or was. */
export class Member implements ConferenceMember, Joint {
  readonly line: Line;
  readonly name: string;
  readonly moderator: boolean;
  readonly since: EpochMillis;
  /** In the room's group in the media server. */
  isMixed = false;
  /** What the media server was told last: nobody hears it; it hears nobody. */
  applied = { silenced: false, deaf: false };
  /** It has left, or is about to. */
  isGone = false;

  readonly #room: MemberRoom;
  readonly #left: MemberOptions["left"];
  readonly #started: Millis;
  readonly #unwatch: (() => void)[] = [];
  #muted: boolean;
  #deaf: boolean;
  #held = false;

  constructor({ line, room, name, moderator, muted, deaf, left }: MemberOptions) {
    this.line = line;
    this.#room = room;
    this.name = name;
    this.moderator = moderator;
    this.#muted = muted;
    this.#deaf = deaf;
    this.#left = left;
    this.#held = line.call.hold;
    this.since = line.desk.clock.epoch();
    this.#started = line.desk.clock.now();
    line.joint = this;
    this.#unwatch.push(
      line.onOver(() => void this.#room.remove(this, "hungup")),
      line.watchers.add(({ type }) => {
        if (type === "hold" || type === "unhold") void this.#hold(type === "hold");
        // Who transferred it may have held the room meanwhile.
        if (type === "replaced") void this.#hold(line.call.hold);
      }),
    );
  }

  get callid(): string {
    return this.line.call.callid;
  }
  get muted(): boolean {
    return this.#muted;
  }
  get deaf(): boolean {
    return this.#deaf;
  }
  get held(): boolean {
    return this.#held;
  }
  /** The others are not to hear it. */
  get isSilenced(): boolean {
    return this.#muted || this.#held;
  }

  async mute(): Promise<void> {
    if (this.#muted) return;
    this.#muted = true;
    await this.#room.changed(this, "muted");
  }
  async unmute(): Promise<void> {
    if (!this.#muted) return;
    this.#muted = false;
    await this.#room.changed(this, "unmuted");
  }
  async deafen(): Promise<void> {
    if (this.#deaf) return;
    this.#deaf = true;
    await this.#room.changed(this, "deafened");
  }
  async undeafen(): Promise<void> {
    if (!this.#deaf) return;
    this.#deaf = false;
    await this.#room.changed(this, "undeafened");
  }
  kick(): Promise<void> {
    return this.#room.remove(this, "kicked");
  }
  leave(): Promise<void> {
    return this.#room.remove(this, "left");
  }

  /** A bridge takes it out of the room. */
  part(): Promise<void> {
    return this.leave();
  }

  async #hold(held: boolean): Promise<void> {
    if (held === this.#held) return;
    this.#held = held;
    await this.#room.changed(this, held ? "held" : "unheld");
  }

  /** It hears the room no more. */
  gone(why: LeaveReason): void {
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    if (this.line.joint === this) this.line.joint = undefined;
    const outcome = why === "kicked" || why === "ended" ? why : "left";
    this.#left({ outcome, duration: this.line.desk.clock.now() - this.#started }, why);
  }
}
