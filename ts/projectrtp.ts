/** `mediaswitch/projectrtp`: for programs that were written for `@babblevoice/projectrtp`. See docs/projectrtp.md. */
import { ProjectRtp } from "./projectrtp/project-rtp.js";

/** The one engine of a process, as the original has it. */
export const projectrtp = new ProjectRtp();

export { ProjectRtp } from "./projectrtp/project-rtp.js";
export { NotSupportedYet } from "./projectrtp/not-supported-yet.js";
export type { ProjectRtpChannel, ProjectRtpStats, RunOptions } from "./projectrtp/project-rtp.js";
export type { ChannelEvent, CloseEvent, CloseStatistics } from "./projectrtp/channel-event.js";
export type {
  ChannelCallback,
  DirectionOptions,
  LocalSide,
  OpenChannel,
  OpenOptions,
} from "./projectrtp/channel.js";
export type { RemoteOptions } from "./projectrtp/far-end.js";
export type { ReorderOptions } from "./projectrtp/reorder-buffer.js";
