export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** What became of a verb; never rejects. */
export const outcome = (promise: Promise<unknown>): Promise<Outcome> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
