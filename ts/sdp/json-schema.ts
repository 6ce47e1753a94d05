/** What we accept as the JSON form of a session description: `SdpJson` and the looser shapes of older peers. */
import { z } from "zod";
import { payloadKey } from "./fields.js";

/** Anything on one line. */
const text = z.string().regex(/^[^\r\n\0]*$/, "expected text on one line");
/** One word of a line. */
const word = z.string().regex(/^[^ \r\n\0]+$/, "expected one word");
/** What stands before a colon. */
const label = z.string().regex(/^[^:\r\n\0]+$/, "expected a name");

const whole = z.int().min(0);
/** A number, or its digits: the clock of an rtpmap and the times of older peers. */
const count = z.union([whole, z.string().regex(/^\d{1,15}$/)]).transform(Number);
/** Session ids have 64 bits: digits, or a number as far as one is exact. */
const id = z.union([z.string().regex(/^\d{1,40}$/), whole.transform(String)]);
const millis = z.union([z.number(), z.string().regex(/^\d{1,5}(\.\d{1,5})?$/)]).transform(Number);

const listOf = <Item extends z.ZodType>(item: Item) =>
  z.union([z.array(item), item.transform((one) => [one])]).default([]);

const connection = z.object({
  nettype: word.default("IN"),
  ipver: word.optional(),
  address: word,
});
const bandwidth = z.object({ bwtype: label, bandwidth: count });
const key = z.object({ method: label, key: text.optional() });
const rtpMap = z.object({
  encoding: word,
  clock: count,
  params: z.union([word, whole.transform(String)]).optional(),
});
const payloadType = z.string().refine((name) => payloadKey(name) === name, "expected a payload type, 0–127");

/** An attribute's value; true and "" stand for an attribute without one. */
const attributeValue = z.union([text, z.number().transform(String), z.literal(true).transform(() => "")]);
export const attributeValues = z.union([attributeValue, z.array(attributeValue)]);
export const attributeName = z.string().regex(/^[^:\r\n\0]*$/, "expected the name of an attribute");

export const mediaShape = z.looseObject({
  media: word.default("audio"),
  port: z.int().min(0).max(65_535),
  numports: whole.optional(),
  proto: word.default("RTP/AVP"),
  payloads: z.array(z.union([whole.transform(String), word])).min(1),
  i: text.optional(),
  c: z.union([connection, z.array(connection).transform(([first]) => first)]).optional(),
  b: listOf(bandwidth),
  k: key.optional(),
  rtpmap: z.record(payloadType, rtpMap).default({}),
  fmtp: z.record(payloadType, text).default({}),
  direction: z.enum(["sendrecv", "sendonly", "recvonly", "inactive"]).optional(),
  ptime: millis.optional(),
  maxptime: millis.optional(),
});

export const sdpShape = z.object({
  v: z.literal(0).default(0),
  o: z
    .object({
      username: word.default("-"),
      sessionid: id.default("0"),
      sessionversion: id.default("0"),
      nettype: word.default("IN"),
      ipver: word.optional(),
      address: word,
    })
    .optional(),
  s: text.default(" "),
  i: text.optional(),
  u: text.optional(),
  e: listOf(text),
  p: listOf(text),
  c: listOf(connection),
  b: listOf(bandwidth),
  t: listOf(z.object({ start: count, stop: count })),
  r: listOf(z.object({ interval: count, duration: count, offsets: z.array(count) })),
  k: key.optional(),
  a: z.record(attributeName, attributeValues).default({}),
  m: z.array(mediaShape).default([]),
});

export type SdpInput = z.output<typeof sdpShape>;
export type MediaInput = z.output<typeof mediaShape>;
