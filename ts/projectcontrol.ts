import { connectOverHttp } from "./composition/control-connection.js";
import { readRtpServers } from "./composition/rtp-members.js";
import { outsideOf } from "./composition/outside.js";
import { scriptConnection } from "./composition/script-connection.js";
import { isLogLevel, openLog } from "./composition/system-log.js";
import { ProjectControl } from "./control/projectcontrol.js";
import type { Log } from "./core/log.js";

const environment = (name: string): string | undefined => {
  const value = process.env[`MEDIASWITCH_${name}`];
  return value === undefined || value === "" ? undefined : value;
};

/** Opened when it is first needed: by then the command line has said how much to log. */
class EnvironmentLog implements Log {
  #opened: Log | undefined;

  get #log(): Log {
    const level = environment("LOG_LEVEL") ?? "info";
    this.#opened ??= openLog(isLogLevel(level) ? level : "info", "control");
    return this.#opened;
  }

  debug(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.#log.debug(fields, text);
  }
  info(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.#log.info(fields, text);
  }
  warn(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.#log.warn(fields, text);
  }
  error(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.#log.error(fields, text);
  }
}

const log = new EnvironmentLog();

/**
 * The call control of this process. Under `mediaswitch start` and `mediaswitch control` it is joined to the
 * switch that runs the script; in a program of its own, `run()` reaches sip and rtp over HTTP at the addresses in
 * `sip` and `rtp`, or in MEDIASWITCH_SIP_URL and MEDIASWITCH_RTP_URL.
 */
export const projectcontrol = new ProjectControl({
  log,
  connect: (settings) => {
    const connect = scriptConnection();
    if (connect !== undefined) return connect(settings);
    const token = environment("TOKEN");
    const sipUrl = environment("SIP_URL");
    const rtpUrl = environment("RTP_URL");
    const rtpServers = rtpUrl === undefined ? undefined : readRtpServers(rtpUrl);
    const controlUrl = environment("CONTROL_URL");
    const cdr = environment("CDR");
    const webhook = environment("WEBHOOK")?.split(",");
    const webhookSecret = environment("WEBHOOK_SECRET")?.split(",");
    return connectOverHttp(settings, {
      log,
      outside: outsideOf({
        ...(cdr === undefined ? {} : { cdr }),
        ...(webhook === undefined ? {} : { webhook }),
        ...(webhookSecret === undefined ? {} : { webhookSecret }),
        cdrDigits: environment("CDR_DIGITS") !== undefined,
        v1: environment("V1") !== undefined,
      }),
      ...(token === undefined ? {} : { token }),
      ...(sipUrl === undefined ? {} : { sipUrl }),
      ...(rtpServers === undefined ? {} : { rtpUrl: rtpServers }),
      ...(controlUrl === undefined ? {} : { controlUrl }),
    });
  },
});

// What `require("mediaswitch/projectcontrol")` gives: the singleton itself, as scripts written for the seed expect.
export { projectcontrol as "module.exports" };
