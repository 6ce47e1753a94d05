/** The whole switch with its page on loopback, in this process: real SIP, real media, telephones that talk. */
import type { Test } from "tap";
import { openRtp } from "../../../ts/composition/rtp-component.js";
import { openSip } from "../../../ts/composition/sip-component.js";
import { openThreadControl } from "../../../ts/composition/thread-control.js";
import { httpUrl } from "../../../ts/composition/http-url.js";
import { App } from "../../../ts/control/app/app.js";
import { ProjectControl } from "../../../ts/control/projectcontrol.js";
import { silentLog } from "../../../ts/core/log.js";
import { HttpClient } from "../../../ts/http/client.js";
import { DOMAIN, USERS, type User } from "../../acceptance/support/exchange.js";
import { Telephone } from "../../acceptance/support/telephone.js";
import { testPort } from "../../rtp/support/test-ports.js";
import { buildPage } from "./page-under-test.js";

const LOOPBACK = "127.0.0.1";

export interface LiveSwitch {
  readonly url: string;
  readonly app: App;
  /** A registered telephone of that user. */
  phone(user: User): Promise<Telephone>;
}

export async function openLiveSwitch(t: Test, script: (app: App) => unknown): Promise<LiveSwitch> {
  buildPage();
  const client = new HttpClient({});
  const common = { httpAddress: LOOPBACK, log: silentLog };
  const sip = await openSip(
    { ...common, sipAddress: LOOPBACK, sipPort: 0, sipHttpPort: 0, trust: [] },
    client,
  );
  const rtp = await openRtp(
    {
      ...common,
      mediaAddress: LOOPBACK,
      ports: { low: testPort(100), high: testPort(899) },
      shards: 1,
      soundsRoot: ".",
      recordingsRoot: ".",
      rtpHttpPort: 0,
    },
    client,
  );
  let url = "";
  const control = new ProjectControl({
    log: silentLog,
    connect: async ({ handlers }) => {
      const opened = await openThreadControl({
        ...{ sip: sip.service, media: rtp.service, handlers },
        ...{ sipUrl: httpUrl(sip.http), rtpUrl: httpUrl(rtp.http) },
        ...{ log: silentLog, host: LOOPBACK, port: 0, outside: { page: true } },
      });
      url = opened.url;
      return opened;
    },
  });
  const app = new App({ control });
  const phones: Telephone[] = [];
  t.teardown(async () => {
    for (const phone of phones) phone.close();
    await app.stop();
    await rtp.close();
    await sip.close();
    await client.close();
  });
  const users = Object.entries(USERS).map(([username, { secret }]) => ({ username, secret }));
  void app.directory(DOMAIN, users);
  script(app);
  await app.run();
  return {
    url,
    app,
    phone: async (user) => {
      const server = sip.advertised;
      const phone = await Telephone.open({ server, user, domain: DOMAIN, ...USERS[user] });
      phones.push(phone);
      await phone.register();
      return phone;
    },
  };
}
