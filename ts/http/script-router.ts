import { text, Router, type Request, type RequestHandler, type Response } from "express";
import type { HttpHandler, HttpHandlers } from "../control/http-handlers.js";
import type { RouteTable } from "./route-table.js";

export interface ScriptRouterOptions {
  /** Paths that are not a script's to take. */
  readonly routes: RouteTable;
  /** Octets of a request body. */
  readonly bodyLimit: number;
}

/** Gives requests to a script's handlers, as far as the component has no route for the first part of their path. */
export function scriptRouter(handlers: HttpHandlers, { routes, bodyLimit }: ScriptRouterOptions): Router {
  const taken = new Set(Object.keys(routes).map((path) => firstPart(path.replace("{", "/"))));
  const handlerOf = ({ method, path }: Request): HttpHandler | undefined => {
    const first = firstPart(path);
    const ofMethod = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
    if (taken.has(first) || ofMethod === undefined || !Object.hasOwn(ofMethod, first)) return undefined;
    return ofMethod[first];
  };
  const router = Router();
  const readText: RequestHandler = text({ type: () => true, limit: bodyLimit });
  router.use((request, response, next) => {
    if (handlerOf(request) === undefined) next();
    else readText(request, response, next);
  });
  router.use(async (request: Request, response: Response, next) => {
    const handler = handlerOf(request);
    if (handler === undefined) {
      next();
      return;
    }
    const body: unknown = request.body;
    await handler(partsOf(request.path), request, response, typeof body === "string" ? body : "");
  });
  return router;
}

const partsOf = (path: string): string[] => path.replace(/^\/+/, "").split("/").map(decoded);

const firstPart = (path: string): string => partsOf(path)[0] ?? "";

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
