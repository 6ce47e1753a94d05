import { seconds, type Millis } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import type { Log } from "../../core/log.js";
import type { Random } from "../../core/random.js";
import type { SipEvent } from "../sip-service.js";
import { BINDING_LIMITS, type Binding, type BindingLimits } from "./bindings.js";
import type { Directory } from "./directory.js";

export type RegistrationEvent = Extract<SipEvent, { type: "registered" } | { type: "deregistered" }>;

export interface PingSettings {
  /** Which bindings are asked by OPTIONS whether they are still there; `nat`: those that seem to be behind one. */
  readonly which: "nat" | "all" | "none";
  readonly interval: Millis;
  /** A binding is removed when so many pings in a row had no answer. */
  readonly failures: number;
  /** Pings that wait for an answer at any moment, over all bindings; further ones are put off. */
  readonly inFlight: number;
}

/** What may be set from outside. Durations of bindings in seconds. */
export interface RegistrarSettings extends BindingLimits {
  readonly ping: PingSettings;
}

export const REGISTRAR_SETTINGS: RegistrarSettings = {
  ...BINDING_LIMITS,
  ping: { which: "nat", interval: seconds(30), failures: 7, inFlight: 2000 },
};

/** Asks a phone whether it is there; `answered` is called once, with whether anything came back. */
export type Ping = (binding: Binding, answered: (isThere: boolean) => void) => void;

export interface RegistrarOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly log?: Log;
  readonly limits?: Partial<BindingLimits>;
  readonly pingSettings?: Partial<PingSettings>;
  /** Without it nobody is pinged. */
  readonly ping?: Ping;
  /** `registered` after every REGISTER with Contacts that leaves its AOR bound; `deregistered` when its last binding goes. */
  readonly events: (event: RegistrationEvent) => void;
  /** A binding was made, refreshed or removed. */
  readonly changed?: () => void;
}
