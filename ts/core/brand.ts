declare const brand: unique symbol;

/** A plain value whose type carries what it measures, so that two such values can't be confused. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A duration, or an instant of a monotonic clock, in milliseconds. */
export type Millis = Brand<number, "Millis">;

/** A wall-clock instant: milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMillis = Brand<number, "EpochMillis">;

export const ms = (count: number): Millis => count as Millis;
export const seconds = (count: number): Millis => ms(count * 1000);
export const epochMillis = (count: number): EpochMillis => count as EpochMillis;

/** Whole seconds since 1970, as the seed's `epochs` report them; 0 stands for "not yet". */
export const epochSeconds = (instant: EpochMillis): number => Math.floor(instant / 1000);
