/** A whole switch in this process, on 127.0.0.1 and free ports, and phones that talk with it over sockets. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { silentLog } from "../../../ts/core/log.js";
import { formatSocketAddress } from "../../../ts/core/socket-address.js";
import { SystemClock } from "../../../ts/core/system-clock.js";
import { systemRandom } from "../../../ts/core/system-random.js";
import { startAllInOne } from "../../../ts/mediaswitch.js";
import { freePorts } from "../../../ts/phone/free-ports.js";
import { openPhone, openPhoneMedia } from "../../../ts/phone/open-phone.js";
import type { PhoneMedia } from "../../../ts/phone/phone-media.js";
import type { Phone } from "../../../ts/phone/phone.js";
import { reachServer } from "../../../ts/phone/reach-server.js";
import type { CodecName } from "../../../ts/sdp/payload-types.js";

export const DOMAIN = "phones.invalid";
export const LOOPBACK = "127.0.0.1";
/** For a machine that is busy with other things. */
export const PATIENT = { within: 60_000 };

export const passwordOf = (user: string): string => `secret of ${user}`;

export interface PhoneBench {
  /** `127.0.0.1:port` of the switch's SIP. */
  readonly server: string;
  /** Recordings of phones are written there. */
  readonly folder: string;
  /** A phone of the directory, 1000 to 1003, for one test; not registered yet. */
  phone(
    t: Test,
    user: string,
    settings?: {
      readonly codecs?: readonly CodecName[];
      readonly transport?: "udp" | "tcp";
      readonly password?: string;
      readonly lines?: number;
    },
  ): Promise<Phone>;
  /** Media channels that phones have open. */
  channels(): Promise<number>;
  /** Counts of what the switch holds. */
  health(): Promise<{ readonly sip: { readonly calls: number; readonly bindings: number } }>;
}

const SCRIPT = `
import { app } from "mediaswitch";
void app.directory("${DOMAIN}", ${JSON.stringify(
  ["1000", "1001", "1002", "1003"].map((username) => ({ username, secret: passwordOf(username) })),
)});
app.ontransfer(({ refer }) => refer?.to !== "1009");
app.oncall(async (call) => {
  if (call.to === "700") return call.hangup("busy");
  if (call.to === "701") return call.sleep(120_000);
  const result = await call.dial(call.to, { timeout: 60_000 });
  if (result.outcome !== "answered") return call.hangup(result.cause);
  await call.answer();
  const talk = call.bridge(result.call);
  await call.message("connected");
  const { ended } = await talk;
  if (ended === "moved") call.handOn();
});
await app.run();
`;

export async function openPhoneBench(t: Test): Promise<PhoneBench> {
  const folder = mkdtempSync(join(tmpdir(), "phone-bench-"));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const script = join(folder, "script.mjs");
  writeFileSync(script, SCRIPT);
  const running = await startAllInOne({
    sipAddress: LOOPBACK,
    sipPort: 0,
    sipHttpPort: 0,
    rtpHttpPort: 0,
    controlHttpPort: 0,
    httpAddress: LOOPBACK,
    mediaAddress: LOOPBACK,
    ports: await freePorts(LOOPBACK, 200),
    shards: 1,
    soundsRoot: folder,
    recordingsRoot: folder,
    trust: [],
    log: silentLog,
    logLevel: "silent",
    script,
    scriptThread: "shared",
  });
  const closers: (() => Promise<void>)[] = [() => running.close()];
  t.teardown(async () => {
    for (const close of closers.reverse()) await close();
  });
  let media: PhoneMedia | undefined;
  const openMedia = async (): Promise<PhoneMedia> => {
    const { it, close } = await openPhoneMedia({ address: LOOPBACK, recordingsRoot: folder });
    closers.push(close);
    return it;
  };
  const server = formatSocketAddress(running.sip.advertised);
  return {
    server,
    folder,
    phone: async (t, user, settings = {}) => {
      media ??= await openMedia();
      const { codecs = ["pcma", "2833"], transport = "udp", password = passwordOf(user), lines } = settings;
      const { it, close } = await openPhone({
        account: { user, domain: DOMAIN, password },
        codecs,
        media,
        reach: await reachServer(`sip:${server};transport=${transport}`, {
          clock: new SystemClock(),
          random: systemRandom,
        }),
        ...(lines === undefined ? {} : { lines }),
      });
      t.teardown(async () => {
        if (it.isRegistered) await it.unregister(PATIENT);
        await close();
      });
      return it;
    },
    channels: async () => (await media?.service.execute({ type: "health" }))?.channels ?? 0,
    health: async () => (await running.health()) as Awaited<ReturnType<PhoneBench["health"]>>,
  };
}
