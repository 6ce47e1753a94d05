/** The testing kit: `mediaswitch/testing`. */
export { testPbx } from "./test-pbx.js";
export type {
  TestOutsiderOptions,
  TestPbx,
  TestPbxOptions,
  TestPhoneOptions,
  TestScript,
} from "./test-pbx.js";
export type { CallOptions, Patience, Phone, TestCall } from "./phone.js";
export type { Faces } from "./script-modules.js";
export type { LogLevel, LogLine, TestLog } from "./test-log.js";
export type { NetworkTrouble } from "./virtual-switch.js";
export type { Sound } from "./phone-audio.js";
export type { TestRecording } from "./recorders.js";
