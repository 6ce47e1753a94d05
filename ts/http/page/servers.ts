/** How the parts of the switch are, as the page shows it. */
import { z } from "zod";
import type { Controller } from "../../control/controller.js";
import { NOTHING, route, type Route } from "../route-table.js";
import type { RtpServers } from "../rtp-pool-routes.js";

const reply = z.object({
  calls: z.int(),
  sip: z
    .object({
      dialogs: z.int(),
      bindings: z.int(),
      draining: z.boolean(),
      admits: z.number(),
      started: z.number().describe("milliseconds since 1970"),
    })
    .exactOptional()
    .describe("absent where it does not answer"),
  rtp: z.array(
    z.object({
      url: z.string().exactOptional().describe("absent where it is in this process"),
      state: z.enum(["up", "suspect", "down", "draining"]),
      channels: z.int().describe("of this control"),
      active: z.int().exactOptional().describe("of all"),
      available: z.int().exactOptional(),
      load: z.number().exactOptional().describe("share of the media threads' time, 0 to 1"),
    }),
  ),
});

export type Servers = z.output<typeof reply>;

export const serversRoute = (controller: Controller, pool: Pick<RtpServers, "servers"> | undefined): Route =>
  route({ summary: "How SIP, control and the RTP servers are", body: NOTHING, reply }, async () => {
    const [sip, rtp] = await Promise.all([
      sipOf(controller),
      pool === undefined ? rtpHere(controller) : pool.servers.map(ofPool),
    ]);
    return { calls: controller.calls.size, ...(sip !== undefined && { sip }), rtp };
  });

async function sipOf({ sip }: Controller): Promise<Servers["sip"]> {
  try {
    const { dialogs, bindings, draining, admits, started } = await sip.execute({ type: "health" });
    return { dialogs, bindings, draining, admits, started: started * 1000 };
  } catch {
    return undefined;
  }
}

async function rtpHere({ media, channels }: Controller): Promise<Servers["rtp"]> {
  try {
    const { channels: active, available, draining, load } = await media.execute({ type: "health" });
    const state = draining ? "draining" : "up";
    return [{ state, channels: channels.size, active, available, ...(load !== undefined && { load }) }];
  } catch {
    return [{ state: "down", channels: channels.size }];
  }
}

function ofPool({ url, state, channels, reported }: RtpServers["servers"][number]): Servers["rtp"][number] {
  return {
    ...{ url, state, channels },
    ...(reported !== undefined && { active: reported.active, available: reported.available }),
    ...(reported?.load !== undefined && { load: reported.load }),
  };
}
