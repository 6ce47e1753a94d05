/** `GET /openapi.json` of each component is whole and true to the table that serves it. */
import t from "tap";
import { silentLog } from "../../ts/core/log.js";
import { NOTHING } from "../../ts/http/route-table.js";
import { HttpServer } from "../../ts/http/server.js";
import { componentTables, type Tables } from "./component-tables.js";
import { call } from "./raw-http.js";

interface Json {
  readonly [key: string]: Json | undefined;
}

const tables = componentTables(() => undefined);
const METHODS = new Set(["get", "put", "post", "patch", "delete"]);

async function documentOf(component: keyof Tables): Promise<Json> {
  const server = await HttpServer.open({
    host: "127.0.0.1",
    port: 0,
    log: silentLog,
    routes: tables[component],
  });
  try {
    const { status, json } = await call(server.address, "GET", "/openapi.json");
    if (status !== 200) throw new Error(`GET /openapi.json: ${status}`);
    return json as Json;
  } finally {
    await server.close();
  }
}

/** Every object in the document, with the way there. */
function* everything(
  value: unknown,
  way: readonly string[] = [],
): Generator<[way: readonly string[], value: Json]> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield [way, value as Json];
  for (const [key, inner] of Object.entries(value)) yield* everything(inner, [...way, key]);
}

const entries = (value: Json | undefined): [key: string, value: Json][] =>
  Object.entries(value ?? {}) as [string, Json][];

const at = (document: unknown, way: readonly string[]): unknown =>
  way.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);

for (const component of ["sip", "rtp", "control"] as const) {
  t.test(`${component}: every route is in it, and nothing else`, async (t) => {
    const document = await documentOf(component);
    t.match(document, { openapi: /^3\.1\./, info: { title: `mediaswitch ${component}`, version: /^\d/ } });
    const described = entries(document["paths"]).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((key) => METHODS.has(key))
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = Object.entries(tables[component]).flatMap(([pattern, methods]) => {
      const paths = pattern.includes("{")
        ? [pattern.replace(/\{.*\}/, ""), pattern.replace(/[{}]/g, "")]
        : [pattern];
      return paths.flatMap((path) =>
        Object.keys(methods).map((method) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`),
      );
    });
    t.strictSame(described.sort(), served.sort());
  });

  t.test(`${component}: the document is sound`, async (t) => {
    const document = await documentOf(component);
    const ids: string[] = [];
    for (const [path, item] of entries(document["paths"])) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = entries(item["parameters"]).map(([, parameter]) => parameter["name"] as unknown);
      t.strictSame(declared, named, `${path}: its parameters`);
      for (const [method, operation] of entries(item).filter(([key]) => METHODS.has(key))) {
        const where = `${method} ${path}`;
        ids.push(at(operation, ["operationId"]) as string);
        t.type(operation["summary"], "string", `${where}: summary`);
        const responses = entries(operation["responses"]);
        t.ok(
          responses.some(([status]) => status.startsWith("2")),
          `${where}: tells success`,
        );
        t.ok(
          responses.some(([status]) => status === "400"),
          `${where}: tells failure`,
        );
        for (const [, response] of responses) t.type(response["description"], "string");
      }
    }
    t.equal(new Set(ids).size, ids.length, "operation ids are unique");
    for (const [way, value] of everything(document)) {
      const reference: unknown = value["$ref"];
      if (typeof reference !== "string") continue;
      t.match(reference, /^#\//, way.join("/"));
      t.type(at(document, reference.slice(2).split("/")), "object", `${way.join("/")}: ${reference}`);
    }
  });

  t.test(`${component}: its schemas are JSON Schema and say something`, async (t) => {
    const document = await documentOf(component);
    const TYPES = new Set(["object", "array", "string", "number", "integer", "boolean", "null"]);
    for (const [way, value] of everything(document["paths"])) {
      if (way.at(-1) !== "schema") continue;
      t.ok(Object.keys(value).length > 0, `${way.join("/")}: is not empty`);
      for (const [inner, schema] of everything(value)) {
        const type: unknown = schema["type"];
        const pattern: unknown = schema["pattern"];
        if (typeof type !== "string" || inner.at(-1) === "properties") continue;
        t.ok(TYPES.has(type), `${[...way, ...inner].join("/")}: ${type}`);
        if (typeof pattern === "string") t.doesNotThrow(() => new RegExp(pattern, "u"));
      }
    }
  });

  t.test(`${component}: a body is described exactly where one is read`, async (t) => {
    const document = await documentOf(component);
    for (const [pattern, methods] of Object.entries(tables[component])) {
      const path = pattern.replace(/[{}]/g, "").replaceAll(/:(\w+)/g, "{$1}");
      for (const [method, route] of Object.entries(methods)) {
        const described = at(document, ["paths", path, method.toLowerCase(), "requestBody"]) !== undefined;
        t.equal(described, route.body !== NOTHING, `${method} ${path}`);
      }
    }
  });
}
