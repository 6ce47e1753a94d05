import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { MediaswitchError } from "../core/errors.js";
import type { ChannelStatistics, MediaEvent, RemoteMedia } from "./media-service.js";

/** What the native addon exports (native/binding/addon.cpp). */
export interface Addon {
  readonly MediaEngine: new (
    options: NativeOptions,
    onEvents: (events: readonly NativeEvent[]) => void,
  ) => NativeEngine;
}

export interface NativeOptions {
  /** Numeric address all media sockets are bound to. */
  readonly bind: string;
  /** Both included. */
  readonly ports: { readonly low: number; readonly high: number };
  /** Media threads, 1–256. */
  readonly shards: number;
  /** 32 random octets. */
  readonly seed: Uint8Array;
}

/**
 * The engine by channel numbers. It keeps Node's event loop alive until `stop`. Methods throw errors with a
 * `code` of the error table and, where an argument is to blame, its `field`. Those that take a ticket are
 * answered by a `reply` event.
 */
export interface NativeEngine {
  open(remote: RemoteMedia | undefined): { channel: number; port: number };
  target(channel: number, remote: RemoteMedia, ticket: number): void;
  mix(channel: number, other: number, ticket: number): void;
  unmix(channel: number, ticket: number): void;
  /** The channel's `closed` event comes before the reply. */
  close(channel: number, ticket: number): void;
  /** The reply brings statistics. */
  ask(channel: number, ticket: number): void;
  health(): NativeHealth;
  /** Ends every thread before it returns the last events. */
  stop(): NativeEvent[];
}

export interface NativeHealth {
  readonly channels: number;
  readonly available: number;
  readonly sockets: number;
  readonly eventsLost: number;
  /** Channels moved between media threads so far. */
  readonly moves: number;
}

export type NativeEvent = NativeReply | NativeChannelEvent;

export interface NativeReply {
  readonly type: "reply";
  readonly ticket: number;
  /** Whether every channel of the command was there. */
  readonly isKnown: boolean;
  readonly statistics?: ChannelStatistics;
}

/** The events of `MediaEvent`, the channel told by its number. */
export type NativeChannelEvent = ByNumber<MediaEvent>;
type ByNumber<Event> = Event extends MediaEvent
  ? Omit<Event, "uuid" | "control"> & { readonly channel: number }
  : never;

/** This package's folder: both ts/ and dist/ are one level below it. */
const packageRoot = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Loads the addon: the one built here, else the one that came prebuilt in the package.
 * @throws {MediaswitchError} `MEDIA_UNAVAILABLE`, saying what to do about it.
 */
export function loadAddon(): Addon {
  const require = createRequire(import.meta.url);
  const load = require("node-gyp-build") as (folder: string) => Addon;
  try {
    return load(packageRoot);
  } catch (error) {
    const cause = error instanceof Error ? error.message.trim() : String(error);
    throw new MediaswitchError(
      "MEDIA_UNAVAILABLE",
      `the native addon of mediaswitch can't be loaded (${cause}). Build it with "npm run build:native" in ` +
        `${packageRoot}; that needs a C++20 compiler, cmake, make or ninja, and the Boost.Asio headers ` +
        `(Debian: g++ cmake make libboost-dev; Fedora: gcc-c++ cmake make boost-devel; macOS: brew install ` +
        `cmake boost).`,
    );
  }
}
