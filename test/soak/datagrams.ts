/** Datagrams as a far end sends them, right ones and wrong ones; written octet by octet, not with the code under test. */

export interface RtpFields {
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly marker?: boolean;
}

const RTP_HEADER = 12;

/** RFC 3550 §5.1. */
export function rtp(
  { payloadType, sequence, timestamp, ssrc, marker = false }: RtpFields,
  payload: Uint8Array,
): Buffer {
  const packet = Buffer.alloc(RTP_HEADER + payload.length);
  packet[0] = 0x80;
  packet[1] = (marker ? 0x80 : 0) | payloadType;
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(timestamp >>> 0, 4);
  packet.writeUInt32BE(ssrc >>> 0, 8);
  packet.set(payload, RTP_HEADER);
  return packet;
}

/** RFC 3550 §6.4.2: a receiver report that tells of nobody, and who it is from. */
export function receiverReport(ssrc: number): Buffer {
  const report = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 0]);
  report.writeUInt32BE(ssrc >>> 0, 4);
  const name = Buffer.from([0x81, 202, 0, 3, 0, 0, 0, 0, 1, 4, 0x73, 0x6f, 0x61, 0x6b, 0, 0]);
  name.writeUInt32BE(ssrc >>> 0, 4);
  return Buffer.concat([report, name]);
}

/** RFC 4733 §2.3. */
export function telephoneEvent(code: number, isEnd: boolean, duration: number): Buffer {
  const payload = Buffer.from([code, (isEnd ? 0x80 : 0) | 10, 0, 0]);
  payload.writeUInt16BE(duration, 2);
  return payload;
}

/** To the RTP port: what it must be counted as, whoever sends it. */
export const WRONG_RTP: Readonly<Record<string, (fields: RtpFields) => Buffer>> = {
  NotMedia: () => Buffer.from([0xff, 1, 2, 3]),
  Stun: () => Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
  Dtls: () => Buffer.from([22, 254, 253, 0, 0]),
  Zrtp: () => Buffer.from([0x10, 0, 1, 2, 0x5a, 0x52, 0x54, 0x50]),
  TurnChannel: () => Buffer.from([0x40, 1, 0, 4, 1, 2, 3, 4]),
  RtcpOnRtpPort: ({ ssrc }) => receiverReport(ssrc),
  Oversize: (fields) => rtp(fields, new Uint8Array(10_000)),
  TruncatedHeader: (fields) => rtp(fields, new Uint8Array(0)).subarray(0, 7),
  TruncatedExtension: (fields) => {
    const packet = rtp(fields, Uint8Array.of(0xbe, 0xde, 0, 40, 1, 2, 3, 4));
    packet[0] = 0x90;
    return packet;
  },
  BadPadding: (fields) => {
    const packet = rtp(fields, Uint8Array.of(1, 2, 3, 200));
    packet[0] = 0xa0;
    return packet;
  },
  EmptyPayload: (fields) => rtp(fields, new Uint8Array(0)),
};

/** The same for the RTCP port. */
export const WRONG_RTCP: Readonly<Record<string, (fields: RtpFields) => Buffer>> = {
  NotRtcp: (fields) => rtp(fields, new Uint8Array(20)),
  BadRtcp: () => Buffer.from([0x81, 201, 0, 30, 1, 2, 3, 4]),
};
