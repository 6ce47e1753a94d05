import { ms, type Millis } from "../../core/brand.js";

/** What a component's processes have done so far. */
export interface Deaths {
  /** In a row, each soon after its start. */
  readonly quick: number;
}

export const NO_DEATHS: Deaths = { quick: 0 };

/** Who ran for so long has started well; its death is not one of a row. */
const STARTED_WELL = 10_000;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;
/** Of quick deaths in a row, after which there is no point. */
const MOST = 8;

/**
 * What to do about a death: start again after a pause, twice as long for each quick death in a row; or give up, so that
 * whoever runs us learns of it.
 */
export function afterDeath(
  { quick }: Deaths,
  ran: Millis,
): { readonly deaths: Deaths; readonly pause: Millis } | "give up" {
  if (ran >= STARTED_WELL) return { deaths: NO_DEATHS, pause: ms(FIRST_PAUSE) };
  if (quick + 1 >= MOST) return "give up";
  return {
    deaths: { quick: quick + 1 },
    pause: ms(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** quick)),
  };
}
