/** What may be done with a call: the body of `PATCH /v1/calls/{id}`. */
import { z } from "zod";
import type { CodecName } from "../../sdp/payload-types.js";
import { recordBody, soupBody } from "../sound-wire.js";
import { name, oneLine } from "../wire.js";

const millis = z.int().min(0).max(86_400_000);
const codec = z.enum(["pcma", "pcmu", "722", "ilbc", "ilbc@20", "ilbc@30", "2833"] satisfies CodecName[]);
export const codecs = z.array(codec).min(1).max(7);
const sound = z.union([z.string().min(1).max(4096), soupBody.shape.files.unwrap().element]);
const sounds = z
  .union([sound, z.array(sound).min(1).max(100), soupBody])
  .describe("a file, an object that names codings of a file or a tone, a list of them, or a sound soup");
const loop = z.union([z.boolean(), z.int().min(1)]);
export const headers = z.record(z.string().regex(/^[\w-]{1,64}$/), oneLine);
export const callerid = z.strictObject({
  number: oneLine.exactOptional(),
  name: oneLine.exactOptional(),
  private: z.boolean().exactOptional(),
});
const file = z.string().min(1).max(4096);
const keys = z.string().regex(/^[0-9*#A-DF]{1,100}$/, "expected keys: 0-9 * # A-D F");

const target = z.union([
  name,
  z.strictObject({
    user: name,
    domain: name.exactOptional(),
    gr: oneLine.exactOptional(),
    gateway: name.exactOptional(),
    timeout: millis.exactOptional(),
    callerid: callerid.exactOptional(),
    headers: headers.exactOptional(),
    codecs: codecs.exactOptional(),
  }),
]);
const dialOptions = {
  to: z.union([target, z.array(target).min(1).max(50)]).describe("user, user@domain, an object, or several"),
  order: z.enum(["together", "sequence"]).exactOptional(),
  timeout: millis.exactOptional(),
  callerid: callerid.exactOptional(),
  headers: headers.exactOptional(),
  codecs: codecs.exactOptional(),
  early: z.enum(["ring", "early", "none"]).exactOptional(),
  music: sounds.exactOptional(),
  maxduration: z.int().min(1).exactOptional(),
};

const action = <Name extends string, Shape extends z.ZodRawShape>(
  named: Name,
  shape: Shape,
): z.ZodObject<{ action: z.ZodLiteral<Name> } & Shape, z.core.$strict> =>
  z.strictObject({ action: z.literal(named), ...shape });

export const actionBody = z.discriminatedUnion("action", [
  action("ring", { alertinfo: oneLine.exactOptional() }),
  action("early", { codecs: codecs.exactOptional() }),
  action("answer", { codecs: codecs.exactOptional() }),
  action("play", { sounds, loop: loop.exactOptional(), interrupt: z.boolean().exactOptional() }),
  action("stop-play", {}),
  action("pause-play", {}),
  action("resume-play", {}),
  action("echo", { enabled: z.boolean().exactOptional() }),
  action("gather", {
    prompt: sounds.exactOptional(),
    bargein: z.boolean().exactOptional(),
    typeahead: z
      .boolean()
      .exactOptional()
      .describe("keys pressed before, while nothing collected them, count first"),
    count: z.int().min(1).max(32).exactOptional(),
    terminator: z.string().max(16).exactOptional(),
    timeouts: z
      .strictObject({
        first: millis.exactOptional(),
        between: millis.exactOptional(),
        whole: millis.exactOptional(),
      })
      .exactOptional(),
  }),
  action("record", recordBody.omit({ pause: true, finish: true }).shape),
  action("pause-record", { file }),
  action("resume-record", { file }),
  action("stop-record", { file }),
  action("hold", { music: sounds.exactOptional() }),
  action("unhold", {}),
  action("mute", { direction: z.enum(["in", "out", "both"]).exactOptional() }),
  action("unmute", {}),
  action("bridge", { with: name, music: sounds.exactOptional() }),
  action("unbridge", {}),
  action("dial", {
    ...dialOptions,
    bridge: z.boolean().exactOptional().describe("joins the two when it is answered; yes unless given"),
  }),
  action("transfer", {
    ...dialOptions,
    to: dialOptions.to.exactOptional(),
    with: name.exactOptional().describe("id of a call that is up: attended"),
  }),
  action("send-keys", {
    keys,
    duration: millis.exactOptional(),
    pause: millis.exactOptional(),
    by: z.enum(["telephone-event", "info"]).exactOptional(),
  }),
  action("detect-tones", { enabled: z.boolean() }),
  action("message", { text: z.string().max(65_536), contentType: oneLine.exactOptional() }),
  action("note", { what: oneLine.max(200) }),
  action("metadata", {
    cdr: z
      .record(z.string(), z.unknown())
      .describe("goes into the call's record, in place of what was set before"),
  }),
]);

export type Action = z.output<typeof actionBody>;
