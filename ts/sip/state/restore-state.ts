import { ms } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import { MediaswitchError } from "../../core/errors.js";
import type { StoredCall } from "../calls/call-table.js";
import { newParams } from "../message/params.js";
import type { Directory } from "../registrar/directory.js";
import type { Registrar } from "../registrar/registrar.js";
import type { GatewaySettings } from "../sip-service.js";
import type { SipState } from "./state.js";

/** What is kept over a restart, where it lives. */
export interface StateParts {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly registrar: Registrar;
  readonly gateways: {
    put(settings: GatewaySettings & { readonly name: string }): unknown;
    settings(): Iterable<GatewaySettings & { readonly name: string }>;
  };
  readonly calls: {
    resume(calls: readonly StoredCall[]): unknown;
    stored(): Iterable<StoredCall>;
  };
}

/** Puts it back. @throws {MediaswitchError} ARGUMENT_INVALID where a domain, user or gateway is none. */
export function restoreState(state: SipState, parts: StateParts): void {
  const { clock, directory, registrar, gateways, calls } = parts;
  state.domains.forEach(({ name, ...entry }, index) => {
    putting(`domains[${String(index)}]`, () => directory.put(name, entry));
  });
  state.gateways.forEach((settings, index) => {
    putting(`gateways[${String(index)}]`, () => gateways.put(settings));
  });
  const sinceEpoch = clock.epoch() - clock.now();
  registrar.restore(
    state.bindings.map(({ expires, path, ...kept }) => ({
      ...kept,
      ...(path === undefined
        ? {}
        : { path: path.map(({ uri, params }) => ({ uri, params: newParams(params) })) }),
      expiresAt: ms(expires - sinceEpoch),
    })),
  );
  calls.resume(state.calls);
}

/** An error about one record names where it stands in the document. */
function putting(place: string, put: () => unknown): void {
  try {
    put();
  } catch (error) {
    if (!(error instanceof MediaswitchError)) throw error;
    const field = `${place}.${error.field ?? "name"}`;
    throw new MediaswitchError("ARGUMENT_INVALID", `${field}: ${error.message}`, field);
  }
}
