import type { SipEvent, SipService } from "../sip/sip-service.js";
import { gatewayBody, gatewayNewsBody, gatewayReply, gatewaysReply } from "./gateway-wire.js";
import { NOTHING, part, route, type RouteTable } from "./route-table.js";
import { createdReply } from "./sip-wire.js";

/** Gateways of the sip component. */
export const gatewayRoutes = (sip: SipService): RouteTable => ({
  "/gateway": {
    GET: route(
      { summary: "All gateways and how their registrations stand", body: NOTHING, reply: gatewaysReply },
      () => sip.execute({ type: "gateway.get" }),
    ),
  },
  "/gateway/:name": {
    GET: route(
      {
        summary: "A gateway and how its registration stands; its secret is never told",
        body: NOTHING,
        reply: gatewayReply,
        refusals: ["GATEWAY_UNKNOWN"],
      },
      async (input) => {
        const { gateways } = await sip.execute({ type: "gateway.get", name: part(input, "name") });
        return gateways[0];
      },
    ),
    PUT: route(
      {
        summary: "Makes a gateway, or puts another in its place",
        body: gatewayBody,
        reply: createdReply,
        refusals: ["GATEWAYS_FULL"],
      },
      (input) => sip.execute({ type: "gateway.put", name: part(input, "name"), ...input.body }),
    ),
    DELETE: route(
      {
        summary: "Removes a gateway and takes the registration there back",
        body: NOTHING,
        reply: NOTHING,
        refusals: ["GATEWAY_UNKNOWN"],
      },
      (input) => sip.execute({ type: "gateway.delete", name: part(input, "name") }),
    ),
  },
});

export type GatewayEvent = Extract<SipEvent, { type: "gateway" }>;

/** Takes the news of gateways at control. */
export const gatewayCallbackRoutes = (deliver: (event: GatewayEvent) => Promise<void>): RouteTable => ({
  "/gateway/:name": {
    PUT: route(
      {
        summary: "What has become of the registration at a gateway",
        body: gatewayNewsBody,
        reply: NOTHING,
        refusals: ["CONTROL_UNAVAILABLE"],
      },
      ({ body: gateway }) => deliver({ type: "gateway", gateway }),
    ),
  },
});
