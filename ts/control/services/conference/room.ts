/** A conference room: who is in it, who hears whom, and what all hear. */
import { MediaswitchError } from "../../../core/errors.js";
import type { MediaCommand, SoundSoup } from "../../../rtp/media-service.js";
import type { Playing } from "../../app/play-queue.js";
import { soupOf, type Sounds } from "../../app/sound.js";
import type { RecordingResult } from "../../app/verb-options.js";
import type { Desk } from "../../desk.js";
import { Sequence } from "../../sequence.js";
import type { EventFeed } from "../event-feed.js";
import { Booth } from "./booth.js";
import type { ConferenceEvent, ConferenceSettings, LeaveReason } from "./conference-options.js";
import type { Member, MemberRoom } from "./member.js";

/** Announcements that wait at most. */
const MOST_ANNOUNCEMENTS = 20;

const MOST_MEMBERS = 100;

/** What is done for a room's recording. */
export interface RoomRecording {
  readonly file: string;
  /** How it ended; never rejects. */
  readonly finished: Promise<RecordingResult>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<RecordingResult>;
}

export class Room implements MemberRoom {
  readonly name: string;
  settings: ConferenceSettings = {};
  readonly #desk: Desk;
  readonly #events: EventFeed<ConferenceEvent>;
  readonly #emptied: (room: Room) => void;
  readonly #members = new Set<Member>();
  readonly #music = new Map<Member, Playing>();
  /** Media commands of the room, one after the other. */
  readonly #tasks = new Sequence();
  readonly #announcements = new Sequence();
  #announcing = 0;
  #isLocked = false;
  #isOpen = false;
  #isEnding = false;
  /** Somebody has come since it was empty last. */
  #isInUse = false;
  #booth: Booth | undefined;
  #recording: string | undefined;

  /** @param emptied told when the last one has left. */
  constructor(
    name: string,
    {
      desk,
      events,
      emptied,
    }: { desk: Desk; events: EventFeed<ConferenceEvent>; emptied: (room: Room) => void },
  ) {
    this.name = name;
    this.#desk = desk;
    this.#events = events;
    this.#emptied = emptied;
  }

  get members(): readonly Member[] {
    return [...this.#members].filter(({ isGone }) => !isGone);
  }
  get isLocked(): boolean {
    return this.#isLocked;
  }
  /** All hear each other: no moderator is waited for. */
  get isOpen(): boolean {
    return this.#isOpen;
  }
  get isFull(): boolean {
    return this.members.length >= (this.settings.maxMembers ?? MOST_MEMBERS);
  }

  lock(): void {
    if (this.#isLocked) return;
    this.#isLocked = true;
    this.tell({ type: "locked" });
  }
  unlock(): void {
    if (!this.#isLocked) return;
    this.#isLocked = false;
    this.tell({ type: "unlocked" });
  }

  /** Settles when it hears the room, or what is played to those who wait. */
  async add(member: Member): Promise<void> {
    this.#members.add(member);
    this.#isInUse = true;
    const { callid, name, moderator } = member;
    this.tell({ type: "joined", callid, name, moderator });
    this.#lookForModerator();
    const { join } = this.settings.sounds ?? {};
    await this.#arrange();
    if (join !== undefined && this.members.length > 1) void this.#announceQuietly(join);
  }

  async remove(member: Member, why: LeaveReason): Promise<void> {
    if (member.isGone || !this.#members.has(member)) return;
    member.isGone = true;
    const { callid, name } = member;
    this.tell({ type: "left", callid, name, why });
    const { leave } = this.settings.sounds ?? {};
    const isLastModerator = member.moderator && !this.members.some((each) => each.moderator);
    const rest = isLastModerator && this.settings.endWithModerator === true ? this.#removeAll() : [];
    this.#lookForModerator();
    await this.#arrange();
    member.gone(why);
    await Promise.all(rest);
    if (leave !== undefined && this.members.length > 0) void this.#announceQuietly(leave);
  }

  async changed(
    member: Member,
    what: "muted" | "unmuted" | "deafened" | "undeafened" | "held" | "unheld",
  ): Promise<void> {
    if (member.isGone) return;
    this.tell({ type: what, callid: member.callid });
    await this.#tasks.run(() => this.#applyRules(member));
  }

  /** All have to leave: their verbs tell `ended`. */
  async end(): Promise<void> {
    await Promise.all(this.#removeAll());
  }

  /** At once, so that nobody waits for a moderator meanwhile. */
  #removeAll(): Promise<void>[] {
    this.#isEnding = true;
    const removals = this.members.map((member) => this.remove(member, "ended"));
    this.#isEnding = false;
    this.#lookForModerator();
    return removals;
  }

  /** To all who are there, after what is announced already. Settles when it was played, or nobody is left. */
  async announce(sounds: Sounds): Promise<void> {
    const soup = soupOf(sounds);
    if (this.#announcing >= MOST_ANNOUNCEMENTS) {
      throw new MediaswitchError("CALL_STATE", `more than ${String(MOST_ANNOUNCEMENTS)} announcements wait`);
    }
    this.#announcing += 1;
    try {
      await this.#announcements.run(() => this.#announceNow(soup));
    } finally {
      this.#announcing -= 1;
      await this.#arrange();
    }
  }

  /** Records what all say and what is announced, into one file, until it is stopped or the last one leaves. */
  async record(file: string): Promise<RoomRecording> {
    if (this.members.length === 0) throw new MediaswitchError("CALL_STATE", "nobody is in the room");
    if (this.#recording !== undefined) {
      throw new MediaswitchError("CALL_STATE", `the room is recorded into ${this.#recording} already`);
    }
    this.#recording = file;
    try {
      const booth = await this.#openBooth();
      const { finished } = await booth.record(file);
      this.tell({ type: "recording", file });
      void finished.then(() => {
        this.#recording = undefined;
        this.tell({ type: "recorded", file });
        void this.#arrange();
      });
      return {
        file,
        finished,
        pause: () => booth.control({ pause: true }),
        resume: () => booth.control({}),
        stop: async () => {
          if (!booth.isClosed) await booth.control({ finish: true });
          return finished;
        },
      };
    } catch (error) {
      this.#recording = undefined;
      await this.#arrange();
      throw error;
    }
  }

  tell(event: DistributiveOmit<ConferenceEvent, "at" | "room">): void {
    this.#events.tell({ ...event, at: this.#desk.clock.epoch(), room: this.name });
  }

  #lookForModerator(): void {
    if (this.#isEnding) return;
    const isOpen =
      this.members.length > 0 &&
      (this.settings.waitForModerator !== true || this.members.some(({ moderator }) => moderator));
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    if (this.members.length > 0) this.tell({ type: isOpen ? "opened" : "waiting" });
  }

  /** Has the media server do what the roster says. */
  #arrange(): Promise<void> {
    return this.#tasks.run(async () => {
      const there = this.members;
      await this.#closeUnusedBooth();
      const isMixing = this.#isOpen && (there.length > 1 || this.#booth !== undefined);
      for (const member of this.#members) {
        if (member.isMixed && (member.isGone || !isMixing)) await this.#takeOut(member);
      }
      for (const member of [...this.#members]) if (member.isGone) await this.#forget(member);
      if (isMixing) for (const member of there) await this.#bringIn(member);
      else if (this.#announcing === 0) for (const member of there) this.#startMusic(member);
      if (this.#members.size > 0 || !this.#isInUse) return;
      this.#isInUse = false;
      this.#emptied(this);
    });
  }

  async #forget(member: Member): Promise<void> {
    await this.#stopMusic(member);
    this.#members.delete(member);
  }

  /** The rules come first, so that nobody is heard for a moment who should not be. */
  async #bringIn(member: Member): Promise<void> {
    const uuid = uuidOf(member);
    if (member.isMixed || member.isGone || uuid === undefined) return;
    await this.#stopMusic(member);
    await this.#applyRules(member);
    const anchor = this.#anchor(member);
    if (anchor === undefined) return;
    const isDone = await this.#command(member, { type: "mix", uuid, other: anchor });
    if (!isDone) return;
    member.isMixed = true;
    member.line.call.leg.bridgedWith = anchor;
    member.line.call.history = `Conference ${this.name}`;
  }

  /** Somebody who is in the group, or will be. */
  #anchor(newcomer: Member): string | undefined {
    if (this.#booth !== undefined) return this.#booth.uuid;
    const others = this.members.filter((member) => member !== newcomer && uuidOf(member) !== undefined);
    const anchor = others.find(({ isMixed }) => isMixed) ?? others[0];
    return anchor === undefined ? undefined : uuidOf(anchor);
  }

  async #takeOut(member: Member): Promise<void> {
    member.isMixed = false;
    const uuid = uuidOf(member);
    const { leg } = member.line.call;
    leg.bridgedWith = undefined;
    if (uuid === undefined) return;
    await this.#command(member, { type: "unmix", uuid });
    await this.#rule(member, uuid, { silenced: false, deaf: false });
  }

  /** Muted: only itself is to hear what it says, so nobody does; its keys are still told. */
  async #applyRules(member: Member): Promise<void> {
    const uuid = uuidOf(member);
    if (uuid === undefined || member.isGone) return;
    await this.#rule(member, uuid, { silenced: member.isSilenced, deaf: member.deaf });
  }

  async #rule(member: Member, uuid: string, wanted: Member["applied"]): Promise<void> {
    const { applied } = member;
    member.applied = wanted;
    member.line.call.leg.isDeaf = wanted.deaf;
    if (wanted.silenced !== applied.silenced) {
      await this.#command(member, { type: "whisper", uuid, ...(wanted.silenced && { to: uuid }) });
    }
    if (wanted.deaf !== applied.deaf)
      await this.#command(member, { type: "direction", uuid, send: !wanted.deaf });
  }

  /** @returns false: it can't be in the room any more, and is taken out of it. */
  async #command(member: Member, command: MediaCommand): Promise<boolean> {
    try {
      await this.#desk.media.execute(command);
      return true;
    } catch (error) {
      if (member.line.call.isOver || member.isGone) return false;
      this.#desk.log.error(
        { callid: member.callid, room: this.name, err: error },
        "a member can't be in its room",
      );
      void this.remove(member, "failed");
      return false;
    }
  }

  #startMusic(member: Member): void {
    const { music } = this.settings.sounds ?? {};
    if (music === undefined || this.#music.has(member) || member.line.call.isOver) return;
    try {
      this.#music.set(member, member.line.plays.play(soupOf(music, { loop: true }, "sounds.music")));
    } catch (error) {
      this.#desk.log.warn({ callid: member.callid, err: error }, "a room's music can't be played");
    }
  }

  async #stopMusic(member: Member): Promise<void> {
    const playing = this.#music.get(member);
    this.#music.delete(member);
    await playing?.stop();
  }

  // --- what all hear

  async #announceQuietly(sounds: Sounds): Promise<void> {
    try {
      await this.announce(sounds);
    } catch (error) {
      this.#desk.log.warn({ room: this.name, err: error }, "a room's announcement can't be played");
    }
  }

  async #announceNow(soup: SoundSoup): Promise<void> {
    if (this.members.length === 0) return;
    if (!this.#isOpen || (this.members.length === 1 && this.#booth === undefined)) {
      await Promise.all(this.members.map((member) => this.#playAlone(member, soup)));
      return;
    }
    const booth = await this.#openBooth();
    await booth.play(soup);
  }

  async #playAlone(member: Member, soup: SoundSoup): Promise<void> {
    await this.#stopMusic(member);
    await Promise.race([member.line.plays.play(soup).ended, member.line.ended]);
  }

  async #openBooth(): Promise<Booth> {
    const booth = await this.#tasks.run(async () => {
      const [first] = this.members;
      const near = first === undefined ? undefined : uuidOf(first);
      if (near === undefined) throw new MediaswitchError("CALL_STATE", "nobody is in the room");
      if (this.#booth?.isClosed === false) return this.#booth;
      const opened = await Booth.open(this.#desk, near);
      this.#booth = opened;
      const mixed = this.members.find(({ isMixed }) => isMixed);
      const anchor = mixed === undefined ? undefined : uuidOf(mixed);
      if (anchor !== undefined) {
        await this.#desk.media.execute({ type: "mix", uuid: opened.uuid, other: anchor });
      }
      return opened;
    });
    await this.#arrange();
    return booth;
  }

  async #closeUnusedBooth(): Promise<void> {
    const isUsed = this.members.length > 0 && (this.#recording !== undefined || this.#announcing > 0);
    const booth = this.#booth;
    if (booth === undefined || (isUsed && !booth.isClosed)) return;
    this.#booth = undefined;
    await booth.close();
  }
}

const uuidOf = (member: Member): string | undefined => member.line.call.leg.channel?.uuid;

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;
