import type { CodecName } from "../../sdp/payload-types.js";
import type { DirectoryUser } from "../../sip/sip-service.js";

/** What the script has to know of the demo. */
export interface DemoPlan {
  readonly domain: string;
  readonly users: readonly DirectoryUser[];
  /** Number of the conference room, and the digits that let one in. */
  readonly room: string;
  readonly pin: string;
}

/** One of the demo's own phones. */
export interface DemoPhone {
  readonly name: string;
  readonly user: string;
  readonly codec: CodecName;
  readonly transport: "udp" | "tcp";
  /** Its tone, in hertz. */
  readonly voice: number;
}

export const DEMO_PHONES = [
  { name: "Anna", user: "1000", codec: "722", transport: "udp", voice: 450 },
  { name: "Ben", user: "1001", codec: "pcma", transport: "tcp", voice: 600 },
  { name: "Carla", user: "1002", codec: "ilbc", transport: "udp", voice: 750 },
] as const satisfies readonly DemoPhone[];

/** For the phones of whoever is looking on. */
export const GUEST_USERS = ["1003", "1004"] as const;

export const ROOM = "900";

/** Texts that the script sends within a call, to say that whoever is called or in the room is heard from now on. */
export const connectedTo = (number: string): string => `connected to ${number}`;
export const JOINED = "in the room";

/** The plan goes to the script's thread by the environment, as scripts get what they are to know. */
const VARIABLE = "MEDIASWITCH_DEMO_PLAN";

export function writeDemoPlan(plan: DemoPlan): void {
  process.env[VARIABLE] = JSON.stringify(plan);
}

export function clearDemoPlan(): void {
  Reflect.deleteProperty(process.env, VARIABLE);
}

export function readDemoPlan(): DemoPlan {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error("this script is the demo's own: run `mediaswitch demo`");
  return JSON.parse(text) as DemoPlan;
}
