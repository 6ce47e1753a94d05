import { Router, type Request, type Response } from "express";
import { HttpRefusal } from "./problem.js";

export type Method = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";

export interface RouteInput {
  /** Named parts of the path, percent-decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** The JSON body as it came; undefined when there was none. */
  readonly body: unknown;
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON; without one the reply is empty. */
  readonly body?: object;
}

export type RouteHandler = (input: RouteInput) => Reply | Promise<Reply>;

/** Path pattern (Express 5) → method → handler. A method that has no row is answered 405 with `Allow`. */
export type RouteTable = Readonly<Record<string, Partial<Record<Method, RouteHandler>>>>;

export const ok: Reply = { status: 200 };
export const reply = (body: object, status = 200): Reply => ({ status, body });

/** A named part of the path that the pattern guarantees. */
export function part(input: RouteInput, name: string): string {
  const value = input.path[name];
  if (value === undefined) throw new HttpRefusal(404, `the path has no ${name}`);
  return value;
}

export function sendReply(response: Response, { status, body }: Reply): void {
  response.status(status);
  if (body === undefined) response.setHeader("Content-Length", "0").end();
  else response.json(body);
}

function pathParts(request: Request): Record<string, string> {
  const parts: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.params)) {
    if (typeof value === "string") parts[name] = value;
  }
  return parts;
}

export function toRouter(table: RouteTable): Router {
  const router = Router();
  for (const [path, methods] of Object.entries(table)) {
    const allow = Object.keys(methods).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
    router.all(path, async (request: Request, response: Response) => {
      const method = request.method === "HEAD" ? "GET" : request.method;
      const handler = Object.hasOwn(methods, method) ? methods[method as Method] : undefined;
      if (handler === undefined) {
        throw new HttpRefusal(405, `${request.method} is not for this path: use ${allow.join(", ")}`, {
          Allow: allow.join(", "),
        });
      }
      sendReply(response, await handler({ path: pathParts(request), body: request.body as unknown }));
    });
  }
  return router;
}
