import { Router, type Request, type Response } from "express";
import { z } from "zod";
import type { ErrorCode } from "../core/errors.js";
import type { ServerResponse } from "node:http";
import { HttpRefusal } from "./problem.js";
import { read } from "./wire.js";

export type Method = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";

export interface RouteInput<Body = unknown> {
  /** Named parts of the path, percent-decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** As the route's schema read it. */
  readonly body: Body;
}

export interface QueriedInput<Body, Query> extends RouteInput<Body> {
  /** What follows "?", as the route's schema read it. */
  readonly query: Query;
}

/** What follows "?" is as it came. */
type RawInput = RouteInput & { readonly query?: unknown };

/** No body: whatever is sent along is not looked at. */
export const NOTHING = "nothing";

export interface RouteDescription<
  Body extends z.ZodType | typeof NOTHING,
  Query extends z.ZodObject = z.ZodObject,
> {
  /** One line, for the OpenAPI document. */
  readonly summary: string;
  /** What the JSON body is read with, undefined where none came; a body that it refuses is answered 400. */
  readonly body: Body;
  /** What it may look like, where `body` makes one shape of several before it looks; for the OpenAPI document. */
  readonly shapes?: readonly z.ZodType[];
  /** What may follow "?"; without it, nothing there is looked at. */
  readonly query?: Query;
  /** What the answer's JSON looks like on the wire. */
  readonly reply: z.ZodType | typeof NOTHING;
  /** Of success; 200 unless given. */
  readonly status?: number;
  /** Errors it may be refused with, besides those that every route has. */
  readonly refusals?: readonly ErrorCode[];
  /** Type of the answer; JSON unless given. */
  readonly contentType?: string;
}

type BodyOf<Body> = Body extends z.ZodType ? z.output<Body> : undefined;

/** One row of a component's interface: what it is, what goes in and comes out, and what is done. */
export interface Route extends RouteDescription<z.ZodType | typeof NOTHING> {
  /** @returns the answer's body; nothing for an empty one. */
  readonly answer: (input: RawInput) => Promise<object | undefined>;
  /** In place of `answer`, where the answer is written bit by bit; what it throws is the answer. */
  readonly stream?: (input: RawInput, exchange: Exchange) => void;
}

/** Of a request whose answer goes on for a while. */
export interface Exchange {
  readonly request: Pick<Request, "headers" | "path">;
  readonly response: ServerResponse;
}

/** Makes a route that writes its answer itself. */
export function streamRoute<Query extends z.ZodObject>(
  description: RouteDescription<typeof NOTHING, Query>,
  stream: (input: QueriedInput<undefined, z.output<Query>>, exchange: Exchange) => void,
): Route {
  const { query } = description;
  return {
    ...description,
    answer: () => Promise.resolve(undefined),
    stream: (input, exchange) => {
      stream(
        { ...input, body: undefined, query: read(query ?? z.object({}), input.query) as z.output<Query> },
        exchange,
      );
    },
  };
}

/** Makes a route whose handler sees only bodies that its schema has read. */
export function route<Body extends z.ZodType | typeof NOTHING, Query extends z.ZodObject = z.ZodObject>(
  description: RouteDescription<Body, Query>,
  handle: (input: QueriedInput<BodyOf<Body>, z.output<Query>>) => unknown,
): Route {
  const { body: schema, query: querySchema, reply } = description;
  return {
    ...description,
    answer: async ({ path, body, query }) => {
      const given = schema === NOTHING ? undefined : read(schema, body);
      const asked = querySchema === undefined ? {} : read(querySchema, query);
      const result = await handle({
        path,
        body: given as BodyOf<Body>,
        query: asked as z.output<Query>,
      });
      return reply === NOTHING ? undefined : (result as object);
    },
  };
}

/** Path pattern (Express 5) → method → route. A method that has no row is answered 405 with `Allow`. */
export type RouteTable = Readonly<Record<string, Partial<Record<Method, Route>>>>;

/** Octets of one part of a path, decoded: a domain, a user, a call-id. */
const PART_LIMIT = 4096;

/** A named part of the path that the pattern guarantees. */
export function part(input: Pick<RouteInput, "path">, name: string): string {
  const value = input.path[name];
  if (value === undefined) throw new HttpRefusal(404, `the path has no ${name}`);
  return value;
}

function sendReply(response: Response, status: number, body: object | undefined): void {
  response.status(status);
  if (body === undefined) response.setHeader("Content-Length", "0").end();
  else response.json(body);
}

/** Names of things of ours: none is `..`, contains a control character or goes on for ever. */
function pathParts(request: Request): Record<string, string> {
  const parts: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.params)) {
    if (typeof value !== "string") continue;
    if (value === "." || value === ".." || value.length > PART_LIMIT || /\p{Cc}/u.test(value)) {
      throw new HttpRefusal(400, `the ${name} in the path is no name`);
    }
    parts[name] = value;
  }
  return parts;
}

export function toRouter(table: RouteTable): Router {
  const router = Router();
  for (const [path, methods] of Object.entries(table)) {
    const allow = Object.keys(methods).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
    router.all(path, async (request: Request, response: Response) => {
      const method = request.method === "HEAD" ? "GET" : request.method;
      const found = Object.hasOwn(methods, method) ? methods[method as Method] : undefined;
      if (found === undefined) {
        throw new HttpRefusal(405, `${request.method} is not for this path: use ${allow.join(", ")}`, {
          Allow: allow.join(", "),
        });
      }
      const input: RawInput = {
        path: pathParts(request),
        body: request.body as unknown,
        query: { ...request.query },
      };
      if (found.stream !== undefined && request.method !== "HEAD") {
        found.stream(input, { request, response });
        return;
      }
      const reply = await found.answer(input);
      sendReply(response, found.status ?? 200, reply);
    });
  }
  return router;
}
