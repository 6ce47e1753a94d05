/** Debian's Chromium, without a window. */
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { chromium, type Page } from "playwright-core";
import type { Test } from "tap";
import { LOOPBACK } from "./ports.js";

const CHROMIUM = [
  process.env["MEDIASWITCH_CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-headless-shell",
].find((path) => path !== "" && existsSync(path));

/** Why no browser can be started; false where one can. */
export const noBrowser =
  CHROMIUM === undefined
    ? "no Chromium: apt-get install chromium-headless-shell, or set MEDIASWITCH_CHROMIUM"
    : false;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const START_MILLIS = 60_000;
/** For all that a page may take: on two processors, others are at work. */
const PATIENCE_MILLIS = 90_000;

/** A server of one empty page, so that what the page does has an origin. */
async function emptyPage(t: Test): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>phone</title>");
  });
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://${LOOPBACK}:${String((server.address() as AddressInfo).port)}/`;
}

/** An empty page in a browser with a profile of its own in `folder`; both go with the test. */
export async function openPage(t: Test, folder: string): Promise<Page> {
  if (CHROMIUM === undefined) throw new Error("there is no Chromium");
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    headless: true,
    args: FLAGS,
    timeout: START_MILLIS,
  });
  t.teardown(() => context.close());
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(PATIENCE_MILLIS);
  page.on("console", (message) => {
    if (message.type() === "error") t.comment(`browser: ${message.text()}`);
  });
  page.on("pageerror", (error) => t.comment(`browser: ${error.message}`));
  await page.goto(await emptyPage(t));
  return page;
}
