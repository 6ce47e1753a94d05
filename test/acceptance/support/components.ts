/** The three components as they are composed for processes of their own, with HTTP between them. */
import type { Test } from "tap";
import { silentLog } from "../../../ts/core/log.js";
import type { OutsideFlags } from "../../../ts/composition/options.js";
import { startControl, startRtp, startSip } from "../../../ts/mediaswitch.js";
import { freePorts } from "../../interop/support/ports.js";
import { testPort } from "../../rtp/support/test-ports.js";
import { Telephone } from "./telephone.js";

const LOOPBACK = "127.0.0.1";
export const DOMAIN = "bling.babblevoice.com";
const PASSWORD = "1123654789";
export const USERS = ["1000", "1003"].map((username) => ({ username, secret: PASSWORD }));

/** Live counts of control. */
export interface Held {
  readonly calls: number;
  readonly channels: number;
}

export const idle = ({ calls, channels }: Held): boolean => calls + channels === 0;

export interface Components {
  /** Base URLs. */
  readonly sip: string;
  readonly rtp: string;
  readonly control: string;
  readonly held: () => Promise<Held>;
  /** Of one of the users, registered. */
  readonly phone: (user: string, hertz: number) => Promise<Telephone>;
}

/** Call control runs without a script: what `projectcontrol` has been told is what it does. Ends with the test. */
export async function openComponents(t: Test, outside: OutsideFlags = {}): Promise<Components> {
  const common = { httpAddress: LOOPBACK, log: silentLog };
  const sip = await startSip({ ...common, sipAddress: LOOPBACK, sipPort: 0, sipHttpPort: 0, trust: [] });
  const rtp = await startRtp({
    ...common,
    mediaAddress: LOOPBACK,
    ports: { low: testPort(100), high: testPort(199) },
    shards: 1,
    soundsRoot: ".",
    recordingsRoot: ".",
    rtpHttpPort: 0,
  });
  const control = await startControl({
    ...common,
    controlHttpPort: await freePorts(),
    sipUrl: sip.url,
    rtpUrl: [{ url: rtp.url }],
    page: false,
    ...outside,
  });
  const url = control.url ?? "";
  const phones: Telephone[] = [];
  t.teardown(async () => {
    for (const phone of phones) phone.close();
    await control.close();
    await sip.close();
    await rtp.close();
  });
  const put = await ask(sip.url, "PUT", `/dir/${DOMAIN}`, { control: url, users: USERS });
  t.equal(put.status, 201, "the directory is there");
  return {
    sip: sip.url,
    rtp: rtp.url,
    control: url,
    held: async () => {
      const { calls, channels } = (await control.health()) as unknown as Held;
      return { calls, channels };
    },
    phone: async (user, hertz) => {
      const server = sip.advertised;
      const phone = await Telephone.open({ server, user, domain: DOMAIN, secret: PASSWORD, hertz });
      phones.push(phone);
      await phone.register();
      return phone;
    },
  };
}

/** A request of its own connection. */
export const ask = (url: string, method: string, path: string, body?: object): Promise<Response> =>
  fetch(`${url}${path}`, {
    method,
    headers: { connection: "close" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
