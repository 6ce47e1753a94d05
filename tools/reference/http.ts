import type { Route, RouteTable } from "../../ts/http/route-table.js";
import { ERRORS } from "../../ts/core/errors.js";
import { openApi } from "../../ts/http/openapi.js";
import { code, MADE, type Page } from "./page.js";

type Json = Readonly<Record<string, unknown>>;

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly description?: string;
}

interface Operation {
  readonly summary: string;
  readonly parameters?: readonly { readonly name: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

/** A schema in a line: names with `?` where they may be absent. Nested no deeper than a reader can follow. */
function brief(schema: Schema, depth = 0): string {
  if (schema.$ref !== undefined) return schema.$ref.replace("#/components/schemas/", "");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) {
    const shown = alternatives.slice(0, 4).map((one) => brief(one, depth + 1));
    return [...new Set(shown), ...(alternatives.length > 4 ? ["…"] : [])].join(" | ");
  }
  if (schema.items !== undefined) return `[${brief(schema.items, depth + 1)}]`;
  if (schema.properties !== undefined) return object(schema, depth);
  return [schema.type ?? "any"].flat().join(" | ");
}

function object({ properties = {}, required = [] }: Schema, depth: number): string {
  if (depth > 1) return "{…}";
  const fields = Object.entries(properties).map(([name, one]) => {
    const key = required.includes(name) ? name : `${name}?`;
    return depth === 0 ? key : `${key}: ${brief(one, depth + 1)}`;
  });
  return `{ ${fields.join(", ")} }`;
}

const schemaIn = (content: Readonly<Record<string, { readonly schema: Schema }>> | undefined): string => {
  const [[type, { schema }] = [undefined, { schema: {} }]] = Object.entries(content ?? {});
  if (type === undefined) return "";
  return type === "application/json" ? code(brief(schema)) : type;
};

function refusals({ refusals: codes = [] }: Route): string {
  return codes.map((one) => `${String(ERRORS[one].http)} ${code(one)}`).join(" ");
}

/** `/dialog{/:callid}` is told once, as the table has it. */
const shown = (pattern: string): string =>
  pattern
    .replace("{", "[")
    .replace("}", "]")
    .replace(/:(\w+)/g, "{$1}");

function entries(component: string, routes: RouteTable): readonly string[] {
  const { paths } = openApi(component, routes) as { readonly paths: Readonly<Record<string, Json>> };
  return Object.entries(routes).flatMap(([pattern, methods]) => {
    const path = pattern.replaceAll(/[{}]/g, "").replace(/:(\w+)/g, "{$1}");
    return [...new Set(Object.values(methods))].map((one) => {
      const same = Object.entries(methods).filter(([, other]) => other === one);
      const method = same[0]?.[0] ?? "";
      const operation = paths[path]?.[method.toLowerCase()] as Operation;
      const query = (operation.parameters ?? []).map(({ name }) => code(name)).join(" ");
      const [done = ""] = Object.keys(operation.responses);
      const parts: readonly (readonly [string, string])[] = [
        ["Query", query],
        ["Body", schemaIn(operation.requestBody?.content)],
        ["Answers", `${done} ${schemaIn(operation.responses[done]?.content)}`.trim()],
        ["May be refused", refusals(one)],
      ];
      const details = parts
        .filter(([, text]) => text !== "")
        .map(([name, text]) => `${name}: ${text}.`)
        .join(" ");
      const names = same.map(([name]) => name).join("|");
      return `- **${code(`${names} ${shown(pattern)}`)}** ${operation.summary}. ${details}`;
    });
  });
}

/** @param tables name of a component → its routes. */
export function httpPage(tables: Readonly<Record<string, RouteTable>>): Page {
  const parts = Object.entries(tables).map(
    ([component, routes]) => `## ${component}\n\n${entries(component, routes).join("\n")}`,
  );
  const text = `# HTTP reference

${MADE}

Every route of every component, of the same schemas that validate requests and make \`GET /openapi.json\`. A name with \`?\`
may be absent. Every route may also answer 400, 401, 413 and 500. [http-api.md](http-api.md) explains, with examples;
[v1.md](v1.md) is for programs that are no call scripts.

${parts.join("\n\n")}
`;
  return { file: "http-reference.md", text };
}
