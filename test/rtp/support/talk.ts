import { setTimeout as pause } from "node:timers/promises";
import type { Packet, Phone } from "./phone.js";
import { fromL16, toL16 } from "./tones.js";

/** The dynamic payload type that `remoteOf` gives L16 at 8000 Hz. */
export const L16 = 96;
const SAMPLES = 160;
const FRAME_MILLIS = 20;

/** Sends a sound as a phone would, a packet of L16 every 20 ms; rests when it is over. */
export async function say(phone: Phone, port: number, samples: Int16Array, ssrc = 7): Promise<void> {
  const start = performance.now();
  for (let index = 0; (index + 1) * SAMPLES <= samples.length; index++) {
    const payload = toL16(samples.subarray(index * SAMPLES, (index + 1) * SAMPLES));
    await phone.send({ payloadType: L16, sequence: index + 1, marker: index === 0, ssrc, payload }, port);
    await pause(Math.max(0, start + (index + 1) * FRAME_MILLIS - performance.now()));
  }
}

/** Everything a phone hears from now on until `over` settles; L16 in one piece. */
export async function listen(
  phone: Phone,
  over: Promise<unknown>,
): Promise<{ readonly packets: readonly Packet[]; readonly samples: Int16Array }> {
  await over;
  await pause(2 * FRAME_MILLIS);
  const packets: Packet[] = [];
  while (phone.waiting > 0) packets.push(await phone.hear());
  const audio = packets.filter((packet) => packet.payloadType === L16);
  return { packets, samples: fromL16(Buffer.concat(audio.map(({ payload }) => payload))) };
}
