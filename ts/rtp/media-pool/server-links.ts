/**
 * Channels of different servers that hear each other: each such pair of groups is joined by a link, two channels back to
 * back, one on each server, that send to each other and are members of the two groups.
 */
import { MediaswitchError } from "../../core/errors.js";
import type { Log } from "../../core/log.js";
import type { Command } from "../../core/service.js";
import type { MediaCommand, MediaCommands, MediaEvent, RemoteMedia } from "../media-service.js";
import { ChannelGroups } from "./channel-groups.js";

/** Nothing is lost on the way from one server to the other, whatever the phones speak; nor are key presses. */
const REMOTE: Omit<RemoteMedia, "address" | "port"> = {
  formats: [{ payloadType: 96, format: "L16/16000" }],
  telephoneEvent: 101,
};

type Mix = Command<MediaCommands, "mix">;
type Unmix = Command<MediaCommands, "unmix">;
type Whisper = Command<MediaCommands, "whisper">;
type Opened = Pick<MediaCommands["open"]["result"], "uuid" | "ip" | "port">;

/** What the pool does for it. */
export interface LinkedServers {
  /** Opens a channel on the server of `near`, on the terms of that one. */
  open(near: string): Promise<Opened>;
  /** By the channel's own server. */
  execute(command: MediaCommand, signal?: AbortSignal): Promise<object>;
  isOpen(uuid: string): boolean;
  isTogether(one: string, other: string): boolean;
  readonly log: Log;
}

interface Link {
  /** The one that it was made for, which had been in no group. */
  readonly single: string;
  /** Somebody of the group that it joins. */
  readonly anchor: string;
  /** On the server of `single`. */
  readonly near: string;
  /** On the server of `anchor`. */
  readonly far: string;
}

export class ServerLinks {
  readonly #servers: LinkedServers;
  readonly #groups = new ChannelGroups();
  /** By each of its two ends. */
  readonly #links = new Map<string, Link>();
  /** Ends that were closed and have not said so yet. */
  readonly #closing = new Set<string>();
  /** Who is heard by one channel of another server only. */
  readonly #rules = new Map<string, string>();
  /** Links are made and taken away one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(servers: LinkedServers) {
    this.#servers = servers;
  }

  /** Links there are. */
  get size(): number {
    return this.#links.size / 2;
  }

  /** @throws {MediaswitchError} MEDIA_MIXED_ELSEWHERE, and what the servers say: all is as before then. */
  mix(command: Mix, signal?: AbortSignal): Promise<object> {
    const { uuid, other } = command;
    if (this.#isLocal(uuid) && this.#isLocal(other) && this.#servers.isTogether(uuid, other)) {
      return this.#mixHere(command, signal);
    }
    return this.#inTurn(() => this.#mix(command));
  }

  async unmix(command: Unmix, signal?: AbortSignal): Promise<object> {
    const result = await this.#servers.execute(command, signal);
    this.#groups.leave(command.uuid);
    if (this.#links.size > 0) await this.#inTurn(() => this.#prune());
    return result;
  }

  /** @throws {MediaswitchError} MEDIA_ON_OTHER_SERVER: who is to be heard by one over there is not alone here. */
  whisper(command: Whisper, signal?: AbortSignal): Promise<object> {
    const { uuid, to = uuid } = command;
    if (this.#servers.isTogether(uuid, to) && !this.#rules.has(uuid)) {
      return this.#servers.execute(command, signal);
    }
    return this.#inTurn(() => this.#whisper(command));
  }

  /** The channel is no more. */
  left(uuid: string): void {
    this.#groups.leave(uuid);
    this.#rules.delete(uuid);
    if (this.#links.size > 0 && !this.#links.has(uuid)) void this.#inTurn(() => this.#prune());
  }

  /** @returns whether the event was of a link: nobody else is to hear of it. */
  take(event: MediaEvent): boolean {
    const { uuid } = event;
    const link = this.#links.get(uuid);
    if (link === undefined) {
      const isClosing = this.#closing.has(uuid);
      if (event.type === "closed") this.#closing.delete(uuid);
      return isClosing;
    }
    if (event.type === "closed") void this.#inTurn(() => this.#ended(link, event));
    return true;
  }

  async #mixHere(command: Mix, signal?: AbortSignal): Promise<object> {
    const result = await this.#servers.execute(command, signal);
    this.#join(command.uuid, command.other);
    return result;
  }

  /** No link leads from its group to another server. */
  #isLocal(uuid: string): boolean {
    return this.#links.size === 0 || [...this.#groups.of(uuid)].every((each) => !this.#links.has(each));
  }

  async #mix(command: Mix): Promise<object> {
    const { uuid, other } = command;
    const [around, aroundOther] = [this.#around(uuid), this.#around(other)];
    // A second way between the two would be an echo.
    if (around.has(other) && uuid !== other) return {};
    if (this.#servers.isTogether(uuid, other)) return this.#mixHere(command);
    if (around.size > 1 && aroundOther.size > 1) {
      throw new MediaswitchError(
        "MEDIA_MIXED_ELSEWHERE",
        `channels ${uuid} and ${other} are each in a group with others`,
        "other",
      );
    }
    await (around.size === 1 ? this.#link(uuid, other) : this.#link(other, uuid));
    return {};
  }

  async #link(single: string, anchor: string): Promise<void> {
    const servers = this.#servers;
    const near = await servers.open(single);
    let far: Opened | undefined;
    try {
      far = await servers.open(anchor);
      const link: Link = { single, anchor, near: near.uuid, far: far.uuid };
      this.#links.set(near.uuid, link);
      this.#links.set(far.uuid, link);
      const towards = ({ ip: address, port }: Opened): RemoteMedia => ({ address, port, ...REMOTE });
      await servers.execute({ type: "target", uuid: near.uuid, remote: towards(far) });
      await servers.execute({ type: "target", uuid: far.uuid, remote: towards(near) });
      // The rule comes first, so that nobody hears who should not.
      const to = this.#rules.get(single);
      if (to !== undefined) await servers.execute({ type: "whisper", uuid: far.uuid, to });
      await this.#joined(far.uuid, anchor);
      await this.#joined(near.uuid, single);
      if (to !== undefined) await servers.execute({ type: "whisper", uuid: single });
    } catch (error) {
      await this.#close(near.uuid, far?.uuid);
      throw error;
    }
  }

  async #joined(end: string, member: string): Promise<void> {
    await this.#servers.execute({ type: "mix", uuid: end, other: member });
    this.#join(end, member);
  }

  /** One that was closed meanwhile is in no group. */
  #join(one: string, two: string): void {
    if (this.#servers.isOpen(one) && this.#servers.isOpen(two)) this.#groups.join(one, two);
  }

  async #whisper(command: Whisper): Promise<object> {
    const { uuid, to } = command;
    const servers = this.#servers;
    const link = this.#linkOf(uuid);
    if (to === undefined || servers.isTogether(uuid, to)) {
      const result = await servers.execute(command);
      const wasOver = this.#rules.delete(uuid);
      if (wasOver && link !== undefined) await servers.execute({ type: "whisper", uuid: link.far });
      return result;
    }
    const isAlone = link === undefined ? this.#around(uuid).size === 1 : this.#isAloneHere(link);
    if (!isAlone) {
      throw new MediaswitchError(
        "MEDIA_ON_OTHER_SERVER",
        `channel ${to} is on another RTP server than ${uuid}, which is in a group there`,
        "to",
      );
    }
    this.#rules.set(uuid, to);
    // Until it is linked nobody hears it.
    if (link === undefined) return servers.execute({ type: "whisper", uuid, to: uuid });
    await servers.execute({ type: "whisper", uuid: link.far, to });
    return servers.execute({ type: "whisper", uuid });
  }

  #linkOf(single: string): Link | undefined {
    return [...this.#links.values()].find((link) => link.single === single);
  }

  #isAloneHere(link: Link): boolean {
    return [...this.#groups.of(link.single)].every((uuid) => uuid === link.single || uuid === link.near);
  }

  /** The channels that hear each other with this one, wherever they are; not the ends of links. */
  #around(uuid: string, without?: Link): Set<string> {
    const reached = new Set([uuid]);
    for (const each of reached) {
      for (const member of this.#groups.of(each)) reached.add(member);
      const link = this.#links.get(each);
      if (link !== undefined && link !== without) reached.add(link.near === each ? link.far : link.near);
    }
    for (const each of reached) if (this.#links.has(each)) reached.delete(each);
    return reached;
  }

  /** Links with nobody left on one side are taken away. */
  async #prune(): Promise<void> {
    for (const link of new Set(this.#links.values())) {
      const isNeeded = [link.near, link.far].every((end) => this.#around(end, link).size > 0);
      if (!isNeeded) await this.#close(link.near, link.far);
    }
  }

  /** One end is gone. One that heard nothing for so long that its server gave it up is made anew. */
  async #ended(link: Link, { reason, uuid }: MediaEvent & { readonly type: "closed" }): Promise<void> {
    if (!this.#links.has(uuid)) return;
    await this.#close(link.near, link.far);
    const { single, anchor } = link;
    const { log } = this.#servers;
    if (reason !== "idle-timeout") {
      log.warn({ single, anchor, reason }, "two RTP servers hear each other no more");
      return;
    }
    try {
      await this.#mix({ type: "mix", uuid: single, other: anchor });
    } catch (error) {
      log.warn({ single, anchor, err: error }, "two RTP servers could not be joined again");
    }
  }

  async #close(...ends: readonly (string | undefined)[]): Promise<void> {
    for (const uuid of ends) {
      if (uuid === undefined) continue;
      this.#links.delete(uuid);
      this.#groups.leave(uuid);
      if (!this.#servers.isOpen(uuid)) continue;
      this.#closing.add(uuid);
      try {
        await this.#servers.execute({ type: "close", uuid });
      } catch (error) {
        this.#closing.delete(uuid);
        this.#servers.log.debug({ channel: uuid, err: error }, "an end of a link is gone already");
      }
    }
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
