import type { Call } from "./call.js";
import type { Desk } from "./desk.js";

/** A call without a channel is told as the seed tells it, whatever the media engine said (`cause`). */
export class ChannelUnavailable extends Error {
  constructor(cause: unknown) {
    super("Unable to create channel", { cause });
    this.name = "ChannelUnavailable";
  }
}

/**
 * Gives the call its media channel, unless it has one. `control`: URL for the channel's events.
 * @throws {ChannelUnavailable}
 */
export async function openChannel(desk: Desk, call: Call, control: string | undefined): Promise<void> {
  if (call.leg.channel !== undefined) return;
  try {
    const { uuid, ip, port } = await desk.media.execute({
      type: "open",
      ...(control !== undefined && { control }),
    });
    call.leg.channel = { uuid, ip, port };
    call.metadata.channel = call.leg.channel;
    desk.channels.set(uuid, call);
  } catch (error) {
    throw new ChannelUnavailable(error);
  }
}

/** The engine has closed a channel by itself. @returns whose it was, if anybody's. */
export function channelClosed(desk: Desk, uuid: string): Call | undefined {
  const call = desk.channels.get(uuid);
  if (call === undefined) return undefined;
  desk.channels.delete(uuid);
  call.leg.channel = undefined;
  return call;
}

/** Closes the call's channel, if it has one. Never rejects: an engine that can't be reached closes it itself. */
export async function closeChannel(desk: Desk, call: Call): Promise<void> {
  const { channel } = call.leg;
  if (channel === undefined) return;
  desk.channels.delete(channel.uuid);
  call.leg.channel = undefined;
  try {
    await desk.media.execute({ type: "close", uuid: channel.uuid });
  } catch (error) {
    desk.log.warn(
      { callid: call.callid, channel: channel.uuid, err: error },
      "a channel could not be closed",
    );
  }
}
