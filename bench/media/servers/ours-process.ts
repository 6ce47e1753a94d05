/** The media engine of this package as a server of the bench; see child.mjs for what is asked. */
import { NativeMediaService } from "../../../ts/rtp/native-media-service.js";
import type { AudioFormat } from "../../../ts/rtp/media-service.js";
import { answer } from "./answering.mjs";

interface Leg {
  readonly far: { readonly address: string; readonly port: number };
  readonly format: AudioFormat;
  readonly payloadType: number;
  /** Absent: heard by nobody. */
  readonly group?: number;
}

const service = await NativeMediaService.start({
  bind: "127.0.0.1",
  ports: { low: 10000, high: 29999 },
  shards: Number(process.env["BENCH_SHARDS"] ?? "1"),
});

async function open(legs: readonly Leg[]): Promise<{ address: string; port: number }[]> {
  const places: { address: string; port: number }[] = [];
  const firstOf = new Map<number, string>();
  for (const { far, format, payloadType, group } of legs) {
    const remote = { ...far, formats: [{ payloadType, format }] };
    const { uuid, ip, port } = await service.execute({ type: "open", remote });
    places.push({ address: ip, port });
    if (group === undefined) continue;
    const first = firstOf.get(group);
    if (first === undefined) firstOf.set(group, uuid);
    else await service.execute({ type: "mix", uuid: first, other: uuid });
  }
  return places;
}

answer({ open });
