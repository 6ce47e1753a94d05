import t, { type Test } from "tap";
import type { MediaEvent, MediaService, RemoteMedia } from "../../ts/rtp/media-service.js";

/** A place where a MediaService lives. It has room for two channels and no more. */
export interface MediaHome {
  readonly service: MediaService;
  /** Control to name when opening, where events find their way by it. */
  readonly control?: string;
  close(): Promise<void>;
}

const FAR: RemoteMedia = {
  address: "127.0.0.1",
  port: 40_000,
  formats: [
    { payloadType: 8, format: "PCMA" },
    { payloadType: 0, format: "PCMU" },
  ],
  telephoneEvent: 101,
  ptime: 20,
  direction: { send: true, recv: false },
};

const NEVER = "00000000-0000-4000-8000-0000000000ff";

/** What every implementation of MediaService owes. */
export function mediaServiceContract(name: string, open: () => Promise<MediaHome>): void {
  const test = (
    what: string,
    run: (t: Test, home: MediaHome, events: MediaEvent[]) => Promise<void>,
  ): void => {
    void t.test(`${name}: ${what}`, async (t) => {
      const home = await open();
      t.teardown(() => home.close());
      const events: MediaEvent[] = [];
      home.service.attach(async (event) => {
        events.push(event);
      });
      await run(t, home, events);
    });
  };

  test("channels open on even ports, until there are none", async (t, { service }) => {
    const first = await service.execute({ type: "open" });
    const second = await service.execute({ type: "open", remote: FAR });
    t.equal(first.port % 2, 0);
    t.equal(second.port % 2, 0);
    t.not(first.port, second.port);
    t.not(first.uuid, second.uuid);
    t.match(first, { uuid: /^[0-9a-f-]{36}$/, ip: /^[0-9.]+$/, channels: { active: 1, available: 1 } });
    t.strictSame(Object.keys(first).sort(), ["channels", "ip", "port", "uuid"]);
    t.strictSame(second.channels, { active: 2, available: 0 });
    await t.rejects(service.execute({ type: "open" }), { code: "MEDIA_OUT_OF_PORTS" });
    t.match(await service.execute({ type: "health" }), { channels: 2, available: 0 });
  });

  test("a far end is set, and has to make sense", async (t, { service }) => {
    const { uuid } = await service.execute({ type: "open" });
    t.strictSame(await service.execute({ type: "target", uuid, remote: FAR }), {});
    for (const wrong of [
      { ...FAR, port: 0 },
      { ...FAR, address: "phone.example" },
      { ...FAR, formats: [] },
      { ...FAR, ptime: 61 },
    ]) {
      await t.rejects(service.execute({ type: "target", uuid, remote: wrong }), { code: "ARGUMENT_INVALID" });
    }
  });

  test("channels are bridged and parted", async (t, { service }) => {
    const one = await service.execute({ type: "open" });
    const two = await service.execute({ type: "open" });
    t.strictSame(await service.execute({ type: "mix", uuid: one.uuid, other: two.uuid }), {});
    const { uuid } = one;
    t.strictSame(
      await service.execute({ type: "mix", uuid, other: uuid }),
      {},
      "with itself: nothing happens",
    );
    t.strictSame(await service.execute({ type: "unmix", uuid }), {});
    t.strictSame(await service.execute({ type: "unmix", uuid: two.uuid }), {}, "parted already");
  });

  test("closing frees, tells why, and may be repeated", async (t, { service, control }, events) => {
    const { uuid } = await service.execute({ type: "open", ...(control === undefined ? {} : { control }) });
    t.match(await service.execute({ type: "statistics", uuid }), {
      received: { packets: 0, octets: 0, lost: 0 },
      sent: { packets: 0 },
      dropped: {},
    });
    t.match(await service.execute({ type: "close", uuid }), { channels: { active: 0, available: 2 } });
    t.match(await service.execute({ type: "close", uuid }), { channels: { active: 0, available: 2 } });
    while (events.length === 0) await service.execute({ type: "health" });
    t.match(events, [{ type: "closed", uuid, reason: "requested", statistics: { sent: { packets: 0 } } }]);
    t.equal(events.length, 1);
  });

  test("commands for a channel that never was", async (t, { service }) => {
    const { uuid } = await service.execute({ type: "open" });
    for (const command of [
      { type: "target", uuid: NEVER, remote: FAR },
      { type: "mix", uuid, other: NEVER },
      { type: "mix", uuid: NEVER, other: uuid },
      { type: "unmix", uuid: NEVER },
      { type: "statistics", uuid: NEVER },
    ] as const) {
      await t.rejects(service.execute(command), { code: "MEDIA_CHANNEL_UNKNOWN" }, command.type);
    }
  });

  test("a command under a signal that was aborted does nothing", async (t, { service }) => {
    await t.rejects(service.execute({ type: "open" }, AbortSignal.abort()), { code: "ABORTED" });
    t.match(await service.execute({ type: "health" }), { channels: 0 });
  });
}
