/** What a telephone says: speech that was coded beforehand, in packets of 20 ms. */
import { readFileSync } from "node:fs";
import type { AudioFormat } from "../../ts/rtp/media-service.js";

export interface Voice {
  readonly format: AudioFormat;
  readonly payloadType: number;
  /** RTP clock ticks of a packet. */
  readonly ticks: number;
  /** The payload of the n-th packet; the speech goes round. */
  readonly payload: (packet: number) => Uint8Array;
}

function looped(file: string, octets: number): (packet: number) => Uint8Array {
  const speech = readFileSync(new URL(`../../bench/media/payload/${file}`, import.meta.url));
  const packets = Math.floor(speech.length / octets);
  return (packet) => speech.subarray((packet % packets) * octets, ((packet % packets) + 1) * octets);
}

/** A sweep, in network octet order. */
function l16(packet: number): Uint8Array {
  const payload = Buffer.alloc(320);
  for (let sample = 0; sample < 160; sample += 1) {
    const at = packet * 160 + sample;
    payload.writeInt16BE(
      Math.round(8000 * Math.sin((at * (200 + (at % 8000) / 10) * Math.PI) / 4000)),
      sample * 2,
    );
  }
  return payload;
}

export const VOICES = {
  PCMU: { format: "PCMU", payloadType: 0, ticks: 160, payload: looped("speech.pcmu", 160) },
  PCMA: { format: "PCMA", payloadType: 8, ticks: 160, payload: looped("speech.pcma", 160) },
  G722: { format: "G722", payloadType: 9, ticks: 160, payload: looped("speech.g722", 160) },
  iLBC: { format: "iLBC/20", payloadType: 97, ticks: 160, payload: looped("speech.ilbc20", 38) },
  L16: { format: "L16/8000", payloadType: 98, ticks: 160, payload: l16 },
} as const satisfies Record<string, Voice>;
