import { z } from "zod";

export const text = z.string().min(1);
const port = z.int().min(0).max(65535);

export const flow = z.strictObject({
  protocol: z.enum(["UDP", "TCP", "TLS", "WS", "WSS"]),
  remote: z.strictObject({ address: text, port }),
  connection: z.int().exactOptional(),
  made: z.literal(true).exactOptional(),
  listener: text.exactOptional(),
  serverName: text.exactOptional(),
});

export const address = z.strictObject({
  name: z.string().exactOptional(),
  uri: text,
  params: z.record(z.string(), z.string().nullable()),
});
