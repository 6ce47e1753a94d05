/** The operator's page in Chromium, of a live switch with real calls and audio. */
import type { Page } from "playwright-core";
import t, { type Test } from "tap";
import type { App } from "../../ts/control/app/app.js";
import { DOMAIN } from "../acceptance/support/exchange.js";
import type { PhoneCall } from "../acceptance/support/phone-call.js";
import type { Telephone } from "../acceptance/support/telephone.js";
import { noBrowser, openPage } from "../interop/support/browser.js";
import { temporaryFolder } from "../interop/support/folder.js";
import { openLiveSwitch } from "./support/live-switch.js";
import { screenshot, violations } from "./support/page-under-test.js";

t.setTimeout(300_000);

/** A room, a queue, and everybody else. */
function script(app: App): void {
  app.oncall(async (call) => {
    switch (call.to) {
      case "room":
        await call.answer();
        await call.conference("sales", { name: `phone ${call.from}` });
        return;
      case "queue":
        await call.queue("support");
        return;
      default: {
        const dialled = await call.dial(call.to);
        if (dialled.outcome === "answered") await call.bridge(dialled.call);
      }
    }
  });
}

const backgroundOf = (page: Page): Promise<string> =>
  page.evaluate<string>(`getComputedStyle(document.body).backgroundColor`);

async function isAccessible(t: Test, page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    t.same(await violations(page), [], `axe-core has no serious objection: ${what}, ${colorScheme}`);
    await screenshot(page, `${what}-${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
}

async function connect(
  caller: Telephone,
  callee: Telephone,
  number: string,
): Promise<[PhoneCall, PhoneCall]> {
  const call = await caller.call(number);
  const rung = await callee.rung();
  rung.answer();
  await call.answered();
  await call.talksWith(rung);
  return [call, rung];
}

/** A press that asks whether one is sure, and the second one. */
async function pressTwice(page: Page, label: string): Promise<void> {
  await page.getByRole("button", { name: label, exact: true }).click();
  await page.getByRole("button", { name: `Really? ${label}`, exact: true }).click();
}

void t.test("a live switch", { skip: noBrowser }, async (t) => {
  const { url, app, phone } = await openLiveSwitch(t, script);
  const [alice, bob, carol] = [await phone("1000"), await phone("1001"), await phone("1003")];
  const page = await openPage(t, temporaryFolder(t));
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  await page.setViewportSize({ width: 1400, height: 1000 });
  await page.goto(`${url}/page`);
  await page.getByText("connected").waitFor();
  t.match(page.url(), /\/page\/$/, "the address gets its slash");
  const [call, rung] = await connect(alice, bob, "1001");
  const row = page.getByRole("row", { name: /1000 1001/ });
  const search = page.getByRole("searchbox");
  const view = page.getByRole("region", { name: "Call from 1000 to 1001" });

  await t.test("the call is in the list, found by number and by Call-ID", async () => {
    await row.getByText("answered").waitFor();
    await search.fill("4711");
    await page.getByText("0 shown").waitFor();
    const [callid = ""] = Object.keys(app.control.calls);
    for (const text of ["1001", callid]) {
      await search.fill(text);
      await page.getByText("1 shown").waitFor();
    }
    await search.fill("");
    await row.waitFor();
  });

  await t.test("by keyboard alone: to the search, into the list, a call, a message, and back", async (t) => {
    await search.blur();
    await page.keyboard.press("/");
    t.equal(await page.evaluate(`document.activeElement.type`), "search");
    await page.keyboard.type("1001");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await view.waitFor();
    await view.locator("summary").first().waitFor();
    await view.locator("summary").first().focus();
    await page.keyboard.press("Enter");
    await view
      .locator("details[open] pre")
      .getByText(/^INVITE sip:1001@/)
      .waitFor();
    await page.keyboard.press("Escape");
    await view.waitFor({ state: "detached" });
    await search.fill("");
  });

  await t.test("the ladder has both legs, and the media is measured", async (t) => {
    await row.click();
    for (const title of ["1000", "mediaswitch", "1001"]) {
      await view.locator(".party").getByText(title, { exact: true }).waitFor();
    }
    const names = await view.locator(".arrow").allInnerTexts();
    t.equal(names.filter((name) => name.trim() === "INVITE").length >= 2, true, names.join());
    t.ok(
      names.some((name) => name.includes("200 OK")),
      "the answer",
    );
    await view.locator(".plot canvas").nth(3).waitFor();
    for (const name of ["Jitter", "Loss", "Delay", "MOS"])
      await view.getByText(name, { exact: true }).waitFor();
    await view.getByText(/^1000: [1-4]\.\d\s*$/).waitFor();
    await isAccessible(t, page, "call");
  });

  await t.test("one who is muted is not heard, until he is again", async () => {
    await view.getByRole("button", { name: "Mute 1000" }).click();
    await view.getByText("answered, muted").waitFor();
    await rung.voice.hearsNo(400);
    await view.getByRole("button", { name: "Unmute 1000" }).click();
    await rung.voice.hears(400);
  });

  await t.test("hanging up is asked twice, and ends both legs", async () => {
    await pressTwice(page, "Hang up the call from 1000 to 1001");
    await Promise.all([call.ended(), rung.ended()]);
    await view.getByText("ended").first().waitFor();
    await page.keyboard.press("Escape");
    await row.waitFor({ state: "detached" });
    await page.getByText("ended calls, too").click();
    await row.waitFor();
  });

  await t.test("who has a phone, and how the servers are", async (t) => {
    await page.getByRole("link", { name: "Phones" }).click();
    await page.getByRole("row", { name: /1003@/ }).waitFor();
    await page.getByRole("searchbox").fill("1000");
    await page.getByRole("row", { name: /1003@/ }).waitFor({ state: "detached" });
    await isAccessible(t, page, "phones");
    await page.getByRole("link", { name: "Servers" }).click();
    await page.getByRole("row", { name: /in this process up/ }).waitFor();
    await isAccessible(t, page, "servers");
  });

  await t.test("a conference and a queue: muted, put out, hung up", async (t) => {
    app.queue("support").login("1004");
    const [first, second, third] = [
      await alice.call("room"),
      await carol.call("room"),
      await bob.call("queue"),
    ];
    await Promise.all([first.answered(), second.answered(), third.answered()]);
    await page.getByRole("link", { name: "Conferences and queues" }).click();
    await page.getByRole("row", { name: /phone 1000/ }).waitFor();
    await page.getByRole("row", { name: /1004/ }).waitFor();
    await second.voice.hears(400);
    await page.getByRole("button", { name: "Mute phone 1000" }).click();
    await page.getByRole("row", { name: /phone 1000 muted/ }).waitFor();
    await second.voice.hearsNo(400);
    await isAccessible(t, page, "services");
    await pressTwice(page, "Kick phone 1000 out of sales");
    await first.ended();
    await page.getByRole("button", { name: "Pause 1004" }).click();
    await page.getByRole("row", { name: /1004 paused/ }).waitFor();
    await pressTwice(page, "Hang up 1001");
    await third.ended();
    await second.hangup();
  });

  await t.test("click-to-call: the one's phone rings, then the other's", async (t) => {
    await page.getByRole("link", { name: "Call", exact: true }).click();
    await isAccessible(t, page, "dial");
    await page.getByLabel("Whose phone").fill(`4711@${DOMAIN}`);
    await page.getByLabel("calls", { exact: true }).fill("1003");
    await page.getByRole("button", { name: "Call", exact: true }).click();
    await page.locator(".problem").waitFor();
    await page.getByLabel("Whose phone").fill(`1000@${DOMAIN}`);
    await page.getByRole("button", { name: "Call", exact: true }).click();
    const first = await alice.rung();
    first.answer();
    const second = await carol.rung();
    second.answer();
    await first.talksWith(second);
    await first.hangup();
    await second.ended();
  });

  await t.test("the log, and the colours by hand", async (t) => {
    await page.getByRole("link", { name: "Log" }).click();
    await page.getByText("new call").first().waitFor();
    await isAccessible(t, page, "log");
    const white = await backgroundOf(page);
    await page.getByRole("button", { name: "Colours: system" }).click();
    await page.getByRole("button", { name: "Colours: light" }).click();
    await page.getByRole("button", { name: "Colours: dark" }).waitFor();
    t.not(await backgroundOf(page), white);
    await page.reload();
    await page.getByRole("button", { name: "Colours: dark" }).waitFor();
    t.not(await backgroundOf(page), white, "it is remembered");
  });

  t.same(
    problems.filter((text) => !text.includes("404")),
    [],
    "the browser has nothing to say, of the policy for one",
  );
});
