import { z } from "zod";
import { route, type Route, type RouteInput } from "../../ts/http/route-table.js";

/** A route that takes and gives any JSON; without a result the reply is an empty object. */
export const plainRoute = (handle: (input: RouteInput) => object | undefined): Route =>
  route(
    { summary: "plain", body: z.unknown(), reply: z.unknown() },
    ({ path, body }) => handle({ path, body }) ?? {},
  );
