/** The operator's page of a control whose SIP and media are played by the test, in a browser. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import type { Test } from "tap";
import { openControl } from "../../../ts/composition/control-connection.js";
import { ProjectControl } from "../../../ts/control/projectcontrol.js";
import { silentLog } from "../../../ts/core/log.js";
import { FakeMediaService } from "../../support/fake-media-service.js";
import { FakeSipService } from "../../support/fake-sip-service.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Makes the page where it is not up to date. */
export const buildPage = (): void => void execFileSync(process.execPath, [`${root}tools/build-page.mjs`]);

export interface ControlUnderTest {
  readonly url: string;
  readonly sip: FakeSipService;
  readonly media: FakeMediaService;
  readonly control: ProjectControl;
}

export async function openControlWithPage(t: Test, token?: string): Promise<ControlUnderTest> {
  buildPage();
  const [sip, media] = [new FakeSipService(), new FakeMediaService()];
  let url = "";
  const control = new ProjectControl({
    log: silentLog,
    connect: async ({ handlers }) => {
      const opened = await openControl({
        ...{ sip, media, handlers },
        ...{ log: silentLog, host: "127.0.0.1", port: 0, outside: { page: true } },
        ...(token !== undefined && { token }),
      });
      url = opened.url;
      return opened;
    },
  });
  await control.run();
  t.teardown(() => control.stop());
  return { url, sip, media, control };
}

/** Kept as output of CI. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = `${root}build/screenshots`;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
}

/** Serious and critical violations of WCAG 2 A and AA, as axe-core finds them. */
export async function violations(page: Page): Promise<string[]> {
  const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  // The page's own policy lets nobody else's script in by a tag; the browser's own way is open to tests.
  await page.evaluate(readFileSync(axe, "utf8"));
  const found = await page.evaluate<
    readonly { id: string; impact: string; nodes: readonly { html: string }[] }[]
  >(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
      violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html }) => ({ html })) })))`);
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ html }) => html)
          .join(" ")
          .slice(0, 500)}`,
    );
}
