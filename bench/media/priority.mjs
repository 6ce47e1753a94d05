// What else the machine does is not to be measured: servers and generator go first on their processors.
import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";

const FIRST = -20;

/**
 * For this process and what it starts, where the user may ask for that; else the bench runs as any program. Linux
 * shares processors out between sessions before it looks at processes (sched(7), autogroup), so that both are set.
 */
export function goFirst() {
  for (const ask of [() => writeFileSync("/proc/self/autogroup", String(FIRST)), () => setPriority(FIRST)]) {
    try {
      ask();
    } catch (error) {
      console.error(`priority: ${error.message}; figures hold what else the machine does`);
    }
  }
}
