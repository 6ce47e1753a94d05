import t from "tap";
import { isOwnControl, routeEvents } from "../../ts/composition/event-route.js";
import { recordingService } from "../http/recording-service.js";

type Commands = { nothing: { input: object; result: object } };
interface Event {
  readonly control?: string;
}

t.test("events go to the control they name, or to whoever is attached here", async (t) => {
  const service = recordingService<Commands, Event>({ nothing: () => ({}) });
  const here: Event[] = [];
  const elsewhere: Event[] = [];
  const routed = routeEvents<Commands, Event>(
    service,
    async (event) => void elsewhere.push(event),
    (url) => url === "http://own",
  );
  const send = (event: Event): Promise<void> => service.sink?.(event) ?? Promise.reject(new Error("no sink"));
  await send({ control: "http://other" });
  await t.rejects(send({}), { code: "CONTROL_UNAVAILABLE" }, "nobody is attached yet");
  routed.attach(async (event) => void here.push(event));
  await send({});
  await send({ control: "http://own" });
  await send({ control: "http://other" });
  t.strictSame(here, [{}, { control: "http://own" }]);
  t.strictSame(elsewhere, [{ control: "http://other" }, { control: "http://other" }]);
});

t.test("which control URLs are our own", (t) => {
  const rows: [host: string, port: number, url: string, own: boolean][] = [
    ["127.0.0.1", 9001, "http://127.0.0.1:9001", true],
    ["127.0.0.1", 9001, "http://localhost:9001/", true],
    ["127.0.0.1", 9001, "http://[::1]:9001", true],
    ["127.0.0.1", 80, "http://127.0.0.1", true],
    ["127.0.0.1", 9001, "http://127.0.0.1:9002", false],
    ["127.0.0.1", 9001, "http://127.0.0.1:9001/pre", false],
    ["127.0.0.1", 9001, "http://192.0.2.1:9001", false],
    ["192.0.2.1", 9001, "http://192.0.2.1:9001", true],
    ["192.0.2.1", 9001, "http://127.0.0.1:9001", false],
    ["0.0.0.0", 9001, "http://127.0.0.1:9001", true],
    ["0.0.0.0", 9001, "http://192.0.2.1:9001", false],
    ["2001:db8::1", 9001, "http://[2001:db8::1]:9001", true],
    ["127.0.0.1", 9001, "no url", false],
  ];
  for (const [host, port, url, own] of rows) {
    t.equal(isOwnControl(host, port)(url), own, `${host} port ${port}: ${url}`);
  }
  t.end();
});
