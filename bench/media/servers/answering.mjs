// The inner side of a NodeServer (child.mjs): answers what the bench asks.

/** `open(legs)` gives where each leg is to send: `{ address, port }`. */
export function answer({ open }) {
  const answers = {
    ready: () => ({}),
    open: async ({ legs }) => ({ places: await open(legs) }),
    collect: () => {
      for (let round = 0; round < 3; round += 1) globalThis.gc();
      return {};
    },
  };
  process.on("message", ({ id, ask, ...details }) => {
    Promise.resolve()
      .then(() => answers[ask](details))
      .then(
        (answer) => process.send({ id, ...answer }),
        (error) => process.send({ id, error: String(error?.message ?? error) }),
      );
  });
  process.on("disconnect", () => process.exit(0));
}
