/** The operator's page with all that it asks for, under `/page`. */
import type { Controller } from "../../control/controller.js";
import type { LogTail } from "../../core/log-tail.js";
import { NOTHING, route, type RouteTable } from "../route-table.js";
import type { RtpServers } from "../rtp-pool-routes.js";
import { LiveCalls } from "./live-calls.js";
import { LiveStream } from "./live-stream.js";
import { MutedCalls } from "./muted-calls.js";
import { pageActions } from "./page-actions.js";
import { pageFiles } from "./page-files.js";
import { phonesRoute } from "./phones.js";
import { roomsAndQueues, roomsAndQueuesSchema } from "./rooms-and-queues.js";
import { serversRoute } from "./servers.js";

export interface OperatorsPageOptions {
  readonly controller: Controller;
  /** Lines that the page shows; none without it. */
  readonly log?: LogTail;
  /** The RTP servers, where there are several. */
  readonly rtpServers?: Pick<RtpServers, "servers">;
}

export class OperatorsPage {
  readonly routes: RouteTable;
  readonly #stream: LiveStream;

  constructor({ controller, log, rtpServers }: OperatorsPageOptions) {
    const muted = new MutedCalls(controller);
    const calls = new LiveCalls(controller, muted);
    this.#stream = new LiveStream({ calls, clock: controller.clock, log });
    this.routes = {
      ...pageFiles(),
      "/page/data/live": { GET: this.#stream.route },
      "/page/data/phones": { GET: phonesRoute(controller.sip) },
      "/page/data/servers": { GET: serversRoute(controller, rtpServers) },
      "/page/data/services": {
        GET: route({ summary: "Conferences and queues", body: NOTHING, reply: roomsAndQueuesSchema }, () =>
          roomsAndQueues(controller),
        ),
      },
      ...pageActions({ controller, calls, muted }),
    };
  }

  /** Pages that are open. */
  get viewers(): number {
    return this.#stream.viewers;
  }

  close(): void {
    this.#stream.close();
  }
}
