import type { Call } from "./call.js";
import type { Desk } from "./desk.js";
import type { LegChannel } from "./leg.js";
import type { CodecName } from "../sdp/payload-types.js";

/** A call without a channel is told as the seed tells it, whatever the media engine said (`cause`). */
export class ChannelUnavailable extends Error {
  constructor(cause: unknown) {
    super("Unable to create channel", { cause });
    this.name = "ChannelUnavailable";
  }
}

export interface ChannelOptions {
  /** URL for the channel's events. */
  readonly control: string | undefined;
  /** What it is to be used with. */
  readonly codecs: readonly CodecName[];
}

/**
 * Gives the call its media channel, unless it has one.
 * @throws {ChannelUnavailable}
 */
export async function openChannel(
  desk: Desk,
  call: Call,
  { control, codecs }: ChannelOptions,
): Promise<LegChannel> {
  if (call.leg.channel !== undefined) return call.leg.channel;
  const near = call.leg.near ?? partnerOf(call)?.uuid;
  try {
    const { uuid, ip, port } = await desk.media.execute({
      type: "open",
      callid: call.callid,
      ...(control !== undefined && { control }),
      ...(near !== undefined && { near }),
      ...(desk.lease !== undefined && { lease: desk.lease.terms }),
    });
    desk.log.debug({ callid: call.callid, call: call.record, channel: uuid }, "the leg has a channel");
    const channel: LegChannel = { uuid, ip, port, ...(control !== undefined && { control }), codecs };
    call.leg.channel = channel;
    call.metadata.channel = channel;
    desk.channels.set(uuid, call);
    leaseChannels(desk);
    return channel;
  } catch (error) {
    throw new ChannelUnavailable(error);
  }
}

/** The channel of the call that this one will be joined with, where it has one. */
const partnerOf = (call: Call): Call["leg"]["channel"] =>
  call.others.find(({ leg }) => leg.channel !== undefined)?.leg.channel;

/** The engine has closed a channel by itself. @returns whose it was, if anybody's. */
export function channelClosed(desk: Desk, uuid: string): Call | undefined {
  const call = desk.channels.get(uuid);
  if (call === undefined) return undefined;
  forget(desk, uuid);
  call.leg.channel = undefined;
  return call;
}

function forget(desk: Desk, uuid: string): void {
  desk.channels.delete(uuid);
  leaseChannels(desk);
}

/** Closes the call's channel, if it has one. Never rejects: an engine that can't be reached closes it itself. */
export async function closeChannel(desk: Desk, call: Call): Promise<void> {
  const { channel } = call.leg;
  if (channel === undefined) return;
  forget(desk, channel.uuid);
  call.leg.channel = undefined;
  desk.closing.add(channel.uuid, call);
  try {
    await desk.media.execute({ type: "close", uuid: channel.uuid });
  } catch (error) {
    desk.closing.forget(channel.uuid);
    desk.log.warn(
      { callid: call.callid, channel: channel.uuid, err: error },
      "a channel could not be closed",
    );
  }
}

/** The lease lasts as long as there is a channel of anybody's. */
export function leaseChannels({ lease, channels, serviceChannels }: Desk): void {
  lease?.covers(channels.size + serviceChannels.size);
}
