/** What the files of /proc and /sys say, from their text; undefined where a file is not there. */

export function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** `32768\t60999`. */
export function rangeIn(text: string | undefined): { low: number; high: number } | undefined {
  const [, low, high] = /^\s*(\d+)\s+(\d+)\s*$/.exec(text ?? "") ?? [];
  return low === undefined || high === undefined ? undefined : { low: Number(low), high: Number(high) };
}

/** Of /proc/self/limits, the hard limit: Node raises its soft one to that. */
export function openFilesIn(text: string | undefined): number | undefined {
  const [, hard] = /^Max open files\s+\S+\s+(\d+)/m.exec(text ?? "") ?? [];
  return hard === undefined ? undefined : Number(hard);
}

/** `50000 100000`: microseconds of processor time in a period of so many; `max` for no limit. */
export function quotaIn(text: string | undefined): number | undefined {
  const [, quota, period] = /^(\d+) (\d+)/.exec(text ?? "") ?? [];
  return quota === undefined || period === undefined ? undefined : Number(quota) / Number(period);
}

/** First column of /proc/modules. */
export const modulesIn = (text: string | undefined): readonly string[] =>
  (text ?? "").split("\n").flatMap((line) => {
    const [name = ""] = line.split(" ", 1);
    return name === "" ? [] : [name];
  });

/** Local ports of /proc/net/udp and udp6 in a range: the second column is `address:port` in hexadecimal. */
export function takenPortsIn(text: string, { low, high }: { low: number; high: number }): readonly number[] {
  const ports = [...text.matchAll(/^\s*\d+: [\dA-F]+:([\dA-F]{4}) /gm)].map(([, port = ""]) =>
    Number.parseInt(port, 16),
  );
  return [...new Set(ports)].filter((port) => port >= low && port <= high).sort((a, b) => a - b);
}

export function governorsOf(read: (processor: number) => string | undefined): readonly string[] {
  const found: string[] = [];
  for (let processor = 0; ; processor += 1) {
    const governor = read(processor);
    if (governor === undefined) return found;
    found.push(governor.trim());
  }
}

export interface ContainerSigns {
  readonly isThere: (path: string) => boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of process 1. */
  readonly cgroup: string;
  readonly init: string;
}

/** The engine that runs us; undefined where none does. */
export function containerOf({ isThere, environment, cgroup, init }: ContainerSigns): string | undefined {
  if (environment["KUBERNETES_SERVICE_HOST"] !== undefined) return "kubernetes";
  if (isThere("/.dockerenv")) return "docker";
  if (isThere("/run/.containerenv")) return "podman";
  const [, engine] = /\bcontainer=(\w+)/.exec(init) ?? /\/(docker|lxc|kubepods)\b/.exec(cgroup) ?? [];
  return engine === "kubepods" ? "kubernetes" : engine;
}
