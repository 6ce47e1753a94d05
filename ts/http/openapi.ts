import { createRequire } from "node:module";
import { STATUS_CODES } from "node:http";
import { z } from "zod";
import { ERRORS, type ErrorCode } from "../core/errors.js";
import { sdpShape } from "../sdp/json-schema.js";
import { NOTHING, route, type Method, type Route, type RouteTable } from "./route-table.js";
import { sdpJson } from "./wire.js";

type Json = Readonly<Record<string, unknown>>;

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** What any route may answer: a bad body, no token, a body too large, a fault of ours. */
const ALWAYS: readonly number[] = [400, 401, 413, 500];

/** The table with one more row: `GET /openapi.json`, made of the table itself (OpenAPI 3.1). */
export function withOpenApi(component: string, table: RouteTable): RouteTable {
  const whole: RouteTable = {
    ...table,
    "/openapi.json": {
      GET: route(
        { summary: "This description of the interface", body: NOTHING, reply: z.looseObject({}) },
        () => (document ??= openApi(component, whole)),
      ),
    },
  };
  let document: Json | undefined;
  return whole;
}

/** @param component name of the component, for the title. */
export function openApi(component: string, table: RouteTable): Json {
  const paths: Record<string, Json> = {};
  for (const [pattern, methods] of Object.entries(table)) {
    for (const path of pathsOf(pattern)) {
      const operations: Record<string, Json> = {};
      for (const [method, one] of Object.entries(methods)) {
        operations[method.toLowerCase()] = operation(path, method as Method, one);
      }
      const parameters = namesIn(path).map((name) => ({
        name,
        in: "path",
        required: true,
        schema: { type: "string", minLength: 1 },
      }));
      paths[path] = parameters.length === 0 ? operations : { parameters, ...operations };
    }
  }
  return {
    openapi: "3.1.1",
    info: { title: `mediaswitch ${component}`, version, license: { name: "MIT", identifier: "MIT" } },
    paths,
    components: {
      schemas: {
        SessionDescription: schemaOf(sdpShape),
        Problem: schemaOf(problem),
      },
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
    security: [{}, { token: [] }],
  };
}

const problem = z.object({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
  field: z.string().exactOptional(),
});

/** `/dialog{/:callid}` → `/dialog` and `/dialog/{callid}`. */
function pathsOf(pattern: string): readonly string[] {
  const optional = /\{([^{}]*)\}/.exec(pattern);
  const [whole = "", inner = ""] = optional ?? [];
  const patterns =
    optional === null ? [pattern] : [pattern.replace(whole, ""), pattern.replace(whole, inner)];
  return patterns.map((text) => text.replace(/:(\w+)/g, "{$1}"));
}

const namesIn = (path: string): readonly string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);

function operation(path: string, method: Method, one: Route): Json {
  const { body, shapes, query, reply, summary, status = 200, refusals = [] } = one;
  const { contentType = "application/json" } = one;
  const statuses = new Set([...ALWAYS, ...refusals.map((code) => ERRORS[code].http)]);
  const responses: Record<string, Json> = {
    [status]: {
      description: STATUS_CODES[status] ?? "done",
      ...(reply === NOTHING ? {} : { content: { [contentType]: { schema: schemaOf(reply) } } }),
    },
  };
  for (const refused of [...statuses].sort((a, b) => a - b)) {
    responses[refused] = {
      description: refusals.filter((code) => ERRORS[code].http === refused).join(", ") || "refused",
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    };
  }
  return {
    summary,
    operationId: `${method.toLowerCase()}${path.replace(/[{}]/g, "").replaceAll(/[/.]+(\w?)/g, upper)}`,
    ...(query === undefined ? {} : { parameters: queryParameters(query) }),
    ...(body === NOTHING ? {} : { requestBody: requestBody(body, shapes ?? [body]) }),
    responses,
  };
}

function queryParameters(query: z.ZodObject): Json[] {
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: "query",
    required: !(schema as z.ZodType).safeParse(undefined).success,
    schema: schemaOf(schema as z.ZodType),
  }));
}

const upper = (_all: string, letter: string): string => letter.toUpperCase();

function requestBody(body: z.ZodType, accepted: readonly z.ZodType[]): Json {
  const shapes = accepted.map(schemaOf);
  return {
    required: !body.safeParse(undefined).success,
    content: { "application/json": { schema: shapes.length === 1 ? shapes[0] : { anyOf: shapes } } },
  };
}

/** The shape on the wire, which is the input of our codecs whichever way it goes. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema !== sdpJson) return;
      for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
      jsonSchema.$ref = "#/components/schemas/SessionDescription";
    },
  });
  return json;
}
