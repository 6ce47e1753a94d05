import { MediaswitchError } from "../core/errors.js";
import type { Handlers } from "../core/service.js";
import type { NativeEngine, NativeReply } from "./addon.js";
import { unknownChannel, type Channel, type ChannelTable } from "./channel-table.js";
import type { ConfinedFolder } from "./confined-folder.js";
import { nativeDigits } from "./key-presses.js";
import type { ChannelStatistics, MediaCommands, RecordOptions } from "./media-service.js";
import { planPrompt, planRecording } from "./recording-plan.js";
import type { Replies } from "./replies.js";
import { planSoup } from "./sound-plan.js";
import type { SoundResolver } from "./sound-resolver.js";

export interface ChannelCommandsOptions {
  readonly engine: NativeEngine;
  readonly replies: Replies;
  readonly channels: ChannelTable;
  readonly sounds: SoundResolver;
  /** Where recordings are written. */
  readonly recordings: ConfinedFolder;
}

type Given = Omit<MediaCommands, "open" | "renew" | "close" | "drain" | "health">;

/** Hands a command with its ticket to the engine. */
type Give = (channel: number, ticket: number) => void;

/**
 * Commands to channels that are there. Those of one channel are carried out one after the other, in the order in which
 * they were given, also where some have to look for files first.
 */
export class ChannelCommands {
  readonly #options: ChannelCommandsOptions;

  constructor(options: ChannelCommandsOptions) {
    this.#options = options;
  }

  get handlers(): Handlers<Given> {
    const { engine } = this.#options;
    return {
      target: ({ uuid, remote }, signal) =>
        this.#inTurn(uuid, async (channel) => {
          await this.#ask(channel, signal, (number, ticket) => {
            engine.target(number, remote, ticket);
          });
          channel.format = remote.formats[0]?.format ?? channel.format;
        }),
      mix: ({ uuid, other }, signal) => this.#mix(uuid, other, signal),
      unmix: ({ uuid }, signal) =>
        this.#give(uuid, signal, (number, ticket) => {
          engine.unmix(number, ticket);
        }),
      direction: ({ uuid, send = true, recv = true }, signal) =>
        this.#give(uuid, signal, (number, ticket) => {
          engine.direction(number, send, recv, ticket);
        }),
      whisper: ({ uuid, to }, signal) => {
        const listener = to === undefined ? undefined : this.#options.channels.get(to, "to").number;
        return this.#give(uuid, signal, (number, ticket) => {
          engine.whisper(number, listener, ticket);
        });
      },
      dtmf: ({ uuid, ...keys }, signal) => {
        const digits = nativeDigits(keys);
        const give: Give = (number, ticket) => {
          engine.dtmf(number, digits, ticket);
        };
        return this.#give(uuid, signal, give, "the far end takes no key presses, or is not known yet");
      },
      detect: ({ uuid, inband }, signal) =>
        this.#give(uuid, signal, (number, ticket) => {
          engine.detect(number, inband, ticket);
        }),
      echo: ({ uuid, enabled }, signal) =>
        this.#give(uuid, signal, (number, ticket) => {
          engine.echo(number, enabled, ticket);
        }),
      ...this.#sounds(),
      statistics: ({ uuid }, signal) => this.#statistics(uuid, signal),
    };
  }

  #sounds(): Pick<
    Handlers<Given>,
    "play" | "stopplay" | "pauseplay" | "resumeplay" | "record" | "playrecord"
  > {
    const { engine, sounds } = this.#options;
    return {
      play: ({ uuid, soup }, signal) => {
        const plan = planSoup(soup);
        return this.#inTurn(uuid, async (channel) => {
          const playlist = await sounds.resolve(plan, channel.format);
          await this.#ask(channel, signal, (number, ticket) => {
            engine.play(number, playlist, ticket);
          });
        });
      },
      stopplay: ({ uuid }, signal) =>
        this.#give(uuid, signal, (number, ticket) => {
          engine.stopPlay(number, ticket);
        }),
      pauseplay: ({ uuid }, signal) => {
        const give: Give = (number, ticket) => {
          engine.pausePlay(number, ticket);
        };
        return this.#give(uuid, signal, give, "nothing is played that could be paused");
      },
      resumeplay: ({ uuid }, signal) => {
        const give: Give = (number, ticket) => {
          engine.resumePlay(number, ticket);
        };
        return this.#give(uuid, signal, give, "nothing is paused that could go on");
      },
      record: ({ uuid, options }, signal) => this.#record(uuid, options, signal),
      playrecord: ({ uuid, options }, signal) => {
        const { sound, file: name, settings, bargeIn } = planPrompt(options);
        return this.#inTurn(uuid, async (channel) => {
          const playlist = await sounds.resolve(sound, channel.format);
          const file = await this.#recordingPath(channel, name, "options.record.file");
          await this.#ask(channel, signal, (number, ticket) => {
            engine.playRecord(number, { playlist, recording: { file, ...settings }, ...bargeIn }, ticket);
          });
        });
      },
    };
  }

  #mix(uuid: string, other: string, signal: AbortSignal | undefined): Promise<object> {
    const channel = this.#options.channels.get(uuid);
    const partner = this.#options.channels.get(other, "other");
    return inTurnOf(channel, partner, async () => {
      const reply = await this.#options.replies.ask((ticket) => {
        this.#options.engine.mix(channel.number, partner.number, ticket);
      }, signal);
      if (reply.outcome === "conflict") {
        throw new MediaswitchError(
          "MEDIA_MIXED_ELSEWHERE",
          "each of the two is in a group with others",
          "other",
        );
      }
      checked(reply, channel);
      return {};
    });
  }

  #record(uuid: string, options: RecordOptions, signal: AbortSignal | undefined): Promise<object> {
    const { engine } = this.#options;
    const plan = planRecording(options);
    return this.#inTurn(uuid, async (channel) => {
      const file = await this.#recordingPath(channel, plan.file, "options.file");
      switch (plan.kind) {
        case "record":
          return this.#ask(channel, signal, (number, ticket) => {
            engine.record(number, { file, ...plan.settings }, ticket);
          });
        case "finish":
          return this.#ask(channel, signal, (number, ticket) => {
            engine.finishRecord(number, file, ticket);
          });
        case "pause": {
          const give: Give = (number, ticket) => {
            engine.pauseRecord(number, file, ticket);
          };
          return this.#ask(channel, signal, give, `nothing is recorded into "${plan.file}"`);
        }
      }
    });
  }

  /** Once a name was resolved, it stays for that channel: its recorder is found again whatever the folder becomes. */
  async #recordingPath(channel: Channel, name: string, field: string): Promise<string> {
    const path = channel.recordings.get(name) ?? (await this.#options.recordings.writable(name, field));
    channel.recordings.delete(name);
    channel.recordings.set(name, path);
    return path;
  }

  async #statistics(uuid: string, signal: AbortSignal | undefined): Promise<ChannelStatistics> {
    const { channels, engine } = this.#options;
    const { statistics } = await this.#ask(channels.get(uuid), signal, (number, ticket) => {
      engine.ask(number, ticket);
    });
    if (statistics !== undefined) return statistics;
    throw new MediaswitchError("INTERNAL", "the engine's reply brought no statistics");
  }

  #give(uuid: string, signal: AbortSignal | undefined, give: Give, refused?: string): Promise<object> {
    return this.#inTurn(uuid, (channel) => this.#ask(channel, signal, give, refused));
  }

  async #inTurn(uuid: string, run: (channel: Channel) => Promise<unknown>): Promise<object> {
    const channel = this.#options.channels.get(uuid);
    await inTurnOf(channel, channel, () => run(channel));
    return {};
  }

  /** @param refused what it means that there was nothing to do it to; without that, it counts as done. */
  async #ask(
    channel: Channel,
    signal: AbortSignal | undefined,
    give: Give,
    refused?: string,
  ): Promise<NativeReply> {
    const reply = await this.#options.replies.ask((ticket) => {
      give(channel.number, ticket);
    }, signal);
    return checked(reply, channel, refused);
  }
}

/** A channel may have closed by itself while the command was on its way. */
function checked(reply: NativeReply, { uuid }: Channel, refused?: string): NativeReply {
  switch (reply.outcome) {
    case "done":
      return reply;
    case "unknown":
      return unknownChannel(uuid);
    case "conflict":
      throw new MediaswitchError("MEDIA_MIXED", "the channel is in a group with others");
    case "refused":
      if (refused !== undefined) throw new MediaswitchError("MEDIA_STATE", refused);
      return reply;
  }
}

/** Runs when what was given to both channels before has settled; they may be one. */
function inTurnOf<Result>(channel: Channel, other: Channel, run: () => Promise<Result>): Promise<Result> {
  // Now, not when the first has settled: by then it is this very turn.
  const { turn } = other;
  const before = other === channel ? turn : channel.turn.then(() => turn);
  const result = before.then(run);
  const settled = result.then(nothing, nothing);
  channel.turn = settled;
  other.turn = settled;
  return result;
}

const nothing = (): void => undefined;
