import { MessageChannel } from "node:worker_threads";
import { silentLog } from "../../ts/core/log.js";
import { SystemClock } from "../../ts/core/system-clock.js";
import { connectService } from "../../ts/door/connect-service.js";
import { serveService } from "../../ts/door/serve-service.js";
import { HttpClient } from "../../ts/http/client.js";
import { ControlCallbacks } from "../../ts/http/control-callbacks.js";
import { controlRoutes } from "../../ts/http/control-routes.js";
import { mediaRoutes } from "../../ts/http/media-routes.js";
import { RemoteMediaService } from "../../ts/http/remote-media-service.js";
import { RemoteSipService } from "../../ts/http/remote-sip-service.js";
import type { RouteTable } from "../../ts/http/route-table.js";
import { HttpServer } from "../../ts/http/server.js";
import { sipRoutes } from "../../ts/http/sip-routes.js";
import type { MediaCommands, MediaEvent } from "../../ts/rtp/media-service.js";
import type { SipCommands, SipEvent } from "../../ts/sip/sip-service.js";
import { FakeMediaService } from "../support/fake-media-service.js";
import { FakeSipService } from "../support/fake-sip-service.js";
import { ROOM, SOUND, type MediaHome } from "./media-service.contract.js";
import type { SipHome } from "./sip-service.contract.js";

const nothingToClose = (): Promise<void> => Promise.resolve();

const farEndOf = (fake: FakeSipService): SipHome["farEnd"] => ({
  registers: (domain, user) => fake.register(domain, user),
  invites: (call) => fake.invited(call),
  refusal: async (callid) => {
    const { hangup, error } = fake.dialog(callid).info;
    return hangup && error.code !== 0 ? error.code : undefined;
  },
  acks: (callid) => fake.acks(callid),
  subscribes: (domain, user, subscriber) =>
    fake.subscribes({
      domain,
      user,
      event: "dialog",
      subscriber: `${subscriber}@${domain}`,
      state: "active",
    }),
  messages: ({ from, to: user, domain, content }) =>
    fake.messages({
      callid: "message-1",
      domain,
      user,
      from: `${from}@${domain}`,
      contentType: "text/plain",
      content,
    }),
  takesMessage: () => Promise.resolve(),
  gatewayAddress: "203.0.113.250",
  takesRegistration: (name) => fake.gatewayChanged({ name, state: "registered", expires: 3600 }),
  hangsUp: (callid) => fake.ends(callid),
});

export async function sipAtHome(): Promise<SipHome> {
  const fake = new FakeSipService();
  return { service: fake, farEnd: farEndOf(fake), close: nothingToClose };
}

export async function sipBehindDoor(): Promise<SipHome> {
  const fake = new FakeSipService();
  const { port1, port2 } = new MessageChannel();
  serveService<SipCommands, SipEvent>(port1, fake);
  const service = connectService<SipCommands, SipEvent>(port2);
  return {
    service,
    farEnd: farEndOf(fake),
    close: async () => {
      port1.close();
    },
  };
}

const serve = (routes: RouteTable): Promise<HttpServer> =>
  HttpServer.open({ host: "127.0.0.1", port: 0, routes, log: silentLog });
const urlOf = (server: HttpServer): string => `http://127.0.0.1:${server.address.port}`;

/** Both directions over HTTP. */
export async function sipOverHttp(): Promise<SipHome> {
  const fake = new FakeSipService();
  const client = new HttpClient();
  fake.attach(new ControlCallbacks({ client, clock: new SystemClock(), log: silentLog }).sip);
  const sipServer = await serve(sipRoutes(fake));
  const service = new RemoteSipService({ client, url: urlOf(sipServer) });
  const control = await serve(controlRoutes({ sip: service, calls: () => [], health: () => ({}) }));
  return {
    service,
    control: urlOf(control),
    farEnd: farEndOf(fake),
    close: async () => {
      await client.close();
      await sipServer.close();
      await control.close();
    },
  };
}

const fakeMedia = (): FakeMediaService => new FakeMediaService({ capacity: ROOM, files: [SOUND] });

export async function mediaAtHome(): Promise<MediaHome> {
  return { service: fakeMedia(), close: nothingToClose };
}

export async function mediaBehindDoor(): Promise<MediaHome> {
  const { port1, port2 } = new MessageChannel();
  serveService<MediaCommands, MediaEvent>(port1, fakeMedia());
  const service = connectService<MediaCommands, MediaEvent>(port2);
  return {
    service,
    close: async () => {
      port1.close();
    },
  };
}

export const mediaOverHttp = (): Promise<MediaHome> =>
  mediaServedOverHttp({ service: fakeMedia(), close: nothingToClose });

/** Puts HTTP between a service and its user, both ways. */
export async function mediaServedOverHttp(home: MediaHome): Promise<MediaHome> {
  const client = new HttpClient();
  home.service.attach(new ControlCallbacks({ client, clock: new SystemClock(), log: silentLog }).media);
  const mediaServer = await serve(mediaRoutes(home.service));
  const service = new RemoteMediaService({ client, url: urlOf(mediaServer) });
  const control = await serve(controlRoutes({ media: service, calls: () => [], health: () => ({}) }));
  return {
    service,
    control: urlOf(control),
    close: async () => {
      await home.close();
      await client.close();
      await mediaServer.close();
      await control.close();
    },
  };
}
