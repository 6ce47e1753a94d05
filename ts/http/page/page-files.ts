/** The page itself: three files that `npm run build:page` makes. They hold nothing secret, so anybody may have them. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { HttpRefusal } from "../problem.js";
import { NOTHING, streamRoute, type Route, type RouteTable } from "../route-table.js";

/** Everything comes from where the page comes from, and nobody puts it into a frame. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

interface PageFile {
  readonly name: string;
  readonly type: string;
}

const FILES: Readonly<Record<string, PageFile>> = {
  "/page": { name: "index.html", type: "text/html; charset=utf-8" },
  "/page/page.js": { name: "page.js", type: "text/javascript; charset=utf-8" },
  "/page/page.css": { name: "page.css", type: "text/css; charset=utf-8" },
};

/** Paths that are served without a token: the browser has none yet. */
export const PAGE_PATHS: ReadonlySet<string> = new Set(["/page/", ...Object.keys(FILES)]);

/** Of the package, and of a checkout whose TypeScript is run as it stands. */
const FOLDERS = ["../../page/", "../../../dist/page/"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

export function pageFiles(): RouteTable {
  return Object.fromEntries(Object.entries(FILES).map(([path, file]) => [path, { GET: fileRoute(file) }]));
}

function fileRoute({ name, type }: PageFile): Route {
  let text: string | undefined;
  return streamRoute(
    {
      summary: `The operator's page: ${name}`,
      body: NOTHING,
      reply: z.string(),
      contentType: type.split(";")[0] ?? type,
    },
    (_input, { request, response }) => {
      text ??= readPageFile(name);
      // Its own addresses are relative to "/page/".
      if (request.path === "/page") {
        response.writeHead(308, { Location: "page/", "Content-Length": "0" }).end();
        return;
      }
      response.writeHead(200, {
        "Content-Type": type,
        "Content-Length": String(Buffer.byteLength(text)),
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
      });
      response.end(text);
    },
  );
}

function readPageFile(name: string): string {
  const path = FOLDERS.map((folder) => `${folder}${name}`).find(existsSync);
  if (path === undefined) throw new HttpRefusal(404, "the page was not built: npm run build:page");
  return readFileSync(path, "utf8");
}
