// The other end of `NodeServer` (bench/media/servers/child.mjs): answers what the bench asks.

/** @param answers by question; each gives an object, or a promise of one. */
export function answer(answers) {
  process.on("message", async ({ id, ask, ...details }) => {
    try {
      process.send({ id, ...(await answers[ask](details)) });
    } catch (error) {
      process.send({ id, error: String(error.stack ?? error) });
    }
  });
  process.on("disconnect", () => process.exit());
}

/** Octets that live objects take, buffers outside of the heap included. */
export function liveOctets() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
