/** Which play command an event of the channel is about: the engine names none, but tells of them in their order. */
import { MediaswitchError } from "../../core/errors.js";
import type { PlayEndReason, SoundSoup } from "../../rtp/media-service.js";
import type { CallEvent } from "../call-event.js";
import type { Call } from "../call.js";
import type { Desk } from "../desk.js";
import { Sequence } from "../sequence.js";
import type { PlayResult } from "./verb-options.js";

interface Entry {
  hasStarted: boolean;
  key: string | undefined;
  readonly ended: (reason: PlayEndReason, key: string | undefined) => void;
}

/** Something that is played. */
export interface Playing {
  /** Rejects where it could not be played. It is not settled by the call's end. */
  readonly ended: Promise<PlayResult>;
  /** Ends it, unless it has ended. Never rejects. */
  stop(): Promise<void>;
}

export class PlayQueue {
  readonly #line: { readonly desk: Desk; readonly call: Call };
  /** Commands reach the engine in the order they were given. */
  readonly #commands = new Sequence();
  #entries: Entry[] = [];

  constructor(line: { readonly desk: Desk; readonly call: Call }) {
    this.#line = line;
  }

  /** @throws {MediaswitchError} CALL_STATE while the far end can't hear us. */
  play(soup: SoundSoup): Playing {
    const uuid = audibleChannel(this.#line.call);
    let settle: (result: PlayResult) => void = () => undefined;
    let refuse: (error: unknown) => void = () => undefined;
    const ended = new Promise<PlayResult>((resolve, reject) => {
      settle = resolve;
      refuse = reject;
    });
    ended.catch(() => undefined);
    const entry: Entry = {
      hasStarted: false,
      key: undefined,
      ended: (reason, key) => {
        const how = PLAY_ENDS[reason];
        if (how === "failed") {
          refuse(new MediaswitchError("MEDIA_UNAVAILABLE", "the media server could not play it to its end"));
        } else if (how !== undefined) {
          settle({ ended: how, ...(how === "key" && key !== undefined && { key }) });
        }
      },
    };
    void this.#commands
      .run(async () => {
        this.#entries.push(entry);
        await this.#line.desk.media.execute({ type: "play", uuid, soup });
        this.#line.call.history = `Play soup ${JSON.stringify(soup)}`;
      })
      .catch((error: unknown) => {
        this.#entries = this.#entries.filter((other) => other !== entry);
        refuse(error);
      });
    return { ended, stop: () => this.#stop(entry, uuid) };
  }

  /** Stops whatever is played. */
  async stopAll(): Promise<void> {
    const uuid = this.#line.call.leg.channel?.uuid;
    if (uuid === undefined) return;
    await this.#commands.run(() => this.#line.desk.media.execute({ type: "stopplay", uuid }));
  }

  /** CALL_STATE, MEDIA_STATE: nothing is played. */
  async pause(): Promise<void> {
    const uuid = audibleChannel(this.#line.call);
    await this.#commands.run(() => this.#line.desk.media.execute({ type: "pauseplay", uuid }));
  }

  async resume(): Promise<void> {
    const uuid = audibleChannel(this.#line.call);
    await this.#commands.run(() => this.#line.desk.media.execute({ type: "resumeplay", uuid }));
  }

  watch(event: CallEvent): void {
    if (event.type === "key") {
      const [first] = this.#entries;
      if (first !== undefined) first.key = event.key;
    }
    if (event.type !== "channel") return;
    // Who is in a mix hears that, and nothing is played.
    if (event.event.type === "mix" && event.event.event === "start") {
      this.#endFirst(this.#entries.filter(({ hasStarted }) => hasStarted).length, "mix");
    }
    if (event.event.type !== "play") return;
    switch (event.event.event) {
      case "start": {
        const next = this.#entries.findIndex(({ hasStarted }) => !hasStarted);
        if (next < 0) return;
        // One is played at a time: of those before, the end was lost on its way.
        this.#endFirst(next, "replaced");
        const [entry] = this.#entries;
        if (entry !== undefined) entry.hasStarted = true;
        return;
      }
      case "end": {
        // What others had played on this channel ends before ours has started.
        if (this.#entries[0]?.hasStarted !== true) return;
        const entry = this.#entries.shift();
        entry?.ended(event.event.reason, entry.key);
        return;
      }
      case "paused":
      case "resumed":
        return;
    }
  }

  #endFirst(count: number, reason: PlayEndReason): void {
    for (const entry of this.#entries.splice(0, count)) entry.ended(reason, entry.key);
  }

  #stop(entry: Entry, uuid: string): Promise<void> {
    return this.#commands.run(async () => {
      // Another one may have taken its place already.
      if (!this.#entries.includes(entry) || this.#entries.at(-1) !== entry) return;
      try {
        await this.#line.desk.media.execute({ type: "stopplay", uuid });
      } catch (error) {
        this.#line.desk.log.debug(
          { callid: this.#line.call.callid, err: error },
          "nothing is played any more",
        );
      }
    });
  }
}

/** `undefined`: the call's end tells the rest. */
const PLAY_ENDS: Readonly<Record<PlayEndReason, PlayResult["ended"] | "failed" | undefined>> = {
  completed: "completed",
  replaced: "replaced",
  stopped: "stopped",
  "telephone-event": "key",
  interrupted: "interrupted",
  mix: "bridged",
  channelclosed: undefined,
  error: "failed",
};

/**
 * The channel by which the far end hears us.
 * @throws {MediaswitchError} CALL_STATE before there is one.
 */
export function audibleChannel(call: Call): string {
  const uuid = call.leg.channel?.uuid;
  if (uuid !== undefined && (call.answered || call.leg.early !== undefined)) return uuid;
  throw new MediaswitchError(
    "CALL_STATE",
    "the far end hears nothing yet: answer the call, or begin early media",
  );
}
