/** A thousand live calls, all of which change, in Chromium: the page stays smooth. */
import t from "tap";
import { offerOf } from "../control/exchange.js";
import { noBrowser, openPage } from "../interop/support/browser.js";
import { temporaryFolder } from "../interop/support/folder.js";
import { openControlWithPage, screenshot } from "./support/page-under-test.js";

const CALLS = 1000;
/** Milliseconds of the processor's time; a screen takes 60 pictures a second, so that each may take 16. */
const PER_PICTURE = 8;

t.setTimeout(240_000);

void t.test("a thousand live calls", { skip: noBrowser }, async (t) => {
  const { url, sip, control } = await openControlWithPage(t);
  control.onnewcall = (call) => call.answer();
  const ids: string[] = [];
  for (let n = 0; n < CALLS; n += 1) {
    ids.push(await sip.invited({ from: String(10_000 + n), to: String(20_000 + n), sdp: offerOf() }));
  }
  const page = await openPage(t, temporaryFolder(t));
  await page.setViewportSize({ width: 1280, height: 800 });
  const inside = await page.context().newCDPSession(page);
  // What the page's thread has worked, however long others on this machine kept it waiting.
  await inside.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async (): Promise<number> => {
    const { metrics } = await inside.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN) * 1000;
  };
  await page.goto(`${url}/page/`);
  await page.getByText(`${CALLS} live`).waitFor();
  await page.evaluate(`
    globalThis.frames = 0;
    const count = () => { frames += 1; requestAnimationFrame(count); };
    count();
  `);
  const before = await worked();
  // All are answered and half of them ended, over many pictures, while somebody scrolls.
  await page.mouse.move(600, 400);
  for (let n = 0; n < CALLS; n += 1) {
    await sip.acks(ids[n]!);
    if (n % 2 === 1) await sip.ends(ids[n]!);
    if (n % 50 !== 0) continue;
    await page.mouse.wheel(0, n < CALLS / 2 ? 2000 : -2000);
    await page.evaluate(`new Promise((seen) => {
      let left = 15;
      const next = () => (left-- === 0 ? seen() : requestAnimationFrame(next));
      next();
    })`);
  }
  await page.getByText(`${CALLS / 2} live`).waitFor();
  await page.getByRole("searchbox").fill("10998");
  await page.getByText("1 shown").waitFor();
  await page.locator(".state-answered").first().waitFor();
  const millis = (await worked()) - before;
  const pictures = await page.evaluate<number>("frames");
  await screenshot(page, "search-among-1000");
  await page.getByRole("searchbox").fill("");
  await page.getByText(`${CALLS / 2} shown`).waitFor();
  await screenshot(page, "1000-calls");
  const made = await page.locator(".call-space > .call-row").count();
  t.ok(made < 100, `only rows in sight are made: ${made}`);
  t.ok(millis / pictures < PER_PICTURE, `${millis} ms of work for ${pictures} pictures`);
  t.ok(pictures > 200, "the changes came over many pictures");
});
