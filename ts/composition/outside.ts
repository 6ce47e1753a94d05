/** What control tells the world besides its script: records of calls, and the API under `/v1`. */
import { ms } from "../core/brand.js";
import { MediaswitchError } from "../core/errors.js";
import type { Controller } from "../control/controller.js";
import { CallRecorder } from "../control/record/call-recorder.js";
import type { HttpServerOptions } from "../http/server.js";
import { OperatorsPage, type OperatorsPageOptions } from "../http/page/operators-page.js";
import { PAGE_PATHS } from "../http/page/page-files.js";
import { SendsWebhooks } from "../http/v1/sends-webhooks.js";
import { V1 } from "../http/v1/v1.js";
import type { WebhookSettings } from "../http/v1/webhook.js";
import { CdrFile } from "./cdr-file.js";
import type { OutsideFlags } from "./options.js";

/** How long calls that were hung up at the end may take for their last word, so that their records are whole. */
const LAST_WORDS = ms(1000);

export interface OutsideOptions {
  /** File that each call's record is appended to, as a JSON line. */
  readonly cdr?: string;
  /** Records say which keys were pressed, and not only how many. */
  readonly cdrDigits?: boolean;
  /** The API under `/v1` is served. */
  readonly v1?: boolean;
  /** The operator's page is served. */
  readonly page?: boolean;
  /** Receivers of events, by name; they are there without the API, too. */
  readonly webhooks?: Readonly<Record<string, WebhookSettings>>;
  /** Ended calls whose trace is kept; 0: none is made. */
  readonly trace?: number;
}

/** @throws {MediaswitchError} ARGUMENT_INVALID: receivers, and no secret to sign with. */
export function outsideOf({
  cdr,
  cdrDigits,
  v1,
  page,
  webhook = [],
  webhookSecret = [],
  trace,
}: OutsideFlags): OutsideOptions {
  if (webhook.length > 0 && webhookSecret.length === 0) {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      "webhooks are signed: give a secret as well (--webhook-secret or MEDIASWITCH_WEBHOOK_SECRET)",
      "webhookSecret",
    );
  }
  const named = webhook.map(
    (url, index) => [`flag-${String(index + 1)}`, { url, secrets: webhookSecret }] as const,
  );
  return {
    ...(cdr !== undefined && { cdr }),
    ...(cdrDigits !== undefined && { cdrDigits }),
    ...(v1 !== undefined && { v1 }),
    ...(page !== undefined && { page }),
    ...(trace !== undefined && { trace }),
    webhooks: Object.fromEntries(named),
  };
}

export interface Outside extends Pick<HttpServerOptions, "upgrade" | "openPaths"> {
  readonly routes: HttpServerOptions["routes"];
  readonly recorder: CallRecorder;
  health(): object;
  /** Writes what there is to write, and ends all streams. */
  close(): Promise<void>;
}

/** @throws {MediaswitchError} ARGUMENT_INVALID with the field: a file that can't be written, a webhook's settings. */
export function openOutside(
  controller: Controller,
  { cdr, cdrDigits = false, v1: isServed = false, page: hasPage = false, webhooks = {} }: OutsideOptions,
  shown: Omit<OperatorsPageOptions, "controller"> = {},
): Outside {
  const { clock, random, log } = controller;
  const file = cdr === undefined ? undefined : new CdrFile(cdr, log);
  const recorder = new CallRecorder({ controller, clock, random, log, keepsDigits: cdrDigits });
  if (file !== undefined) recorder.add(file.write);
  recorder.add((record) => {
    controller.script.cdr.run(record, (error) => {
      log.error({ err: error, record: record.id }, "a callback for a call's record failed");
    });
  });
  const sender = new SendsWebhooks();
  const isWanted = isServed || Object.keys(webhooks).length > 0;
  const v1 = isWanted ? new V1({ controller, send: sender.send, webhooks }) : undefined;
  if (v1 !== undefined) recorder.add(v1.cdr);
  const page = hasPage ? new OperatorsPage({ controller, ...shown }) : undefined;
  return {
    recorder,
    routes: { ...(isServed && v1?.routes), ...page?.routes },
    ...(page !== undefined && { openPaths: PAGE_PATHS }),
    ...(isServed && v1 !== undefined && { upgrade: v1.upgrade }),
    health: () => ({
      records: recorder.open,
      ...(file !== undefined && { recordsLost: file.lost }),
      ...v1?.health(),
      ...(page !== undefined && { pages: page.viewers }),
    }),
    close: async () => {
      await recorder.settled(LAST_WORDS);
      await recorder.close();
      v1?.close();
      page?.close();
      await sender.close();
    },
  };
}
