/** The API over real HTTP on 127.0.0.1, in front of call control whose far ends a test plays. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CallRecorder } from "../../../ts/control/record/call-recorder.js";
import { silentLog } from "../../../ts/core/log.js";
import { controlRoutes } from "../../../ts/http/control-routes.js";
import { HttpServer } from "../../../ts/http/server.js";
import { SendsWebhooks } from "../../../ts/http/v1/sends-webhooks.js";
import { V1 } from "../../../ts/http/v1/v1.js";
import type { CallResource } from "../../../ts/http/v1/call-schema.js";
import { Exchange, offerOf } from "../../control/exchange.js";
import { SeededRandom } from "../../support/seeded-random.js";
import { call, type Answer } from "../raw-http.js";

export class V1Bench {
  readonly exchange: Exchange;
  readonly v1: V1;
  readonly recorder: CallRecorder;
  readonly server: HttpServer;
  readonly #sender: SendsWebhooks;
  readonly #token: string | undefined;

  private constructor(
    exchange: Exchange,
    v1: V1,
    recorder: CallRecorder,
    server: HttpServer,
    sender: SendsWebhooks,
    token: string | undefined,
  ) {
    this.exchange = exchange;
    this.v1 = v1;
    this.recorder = recorder;
    this.server = server;
    this.#sender = sender;
    this.#token = token;
  }

  static async open({ token }: { readonly token?: string } = {}): Promise<V1Bench> {
    const exchange = await Exchange.open();
    const { controller, clock, log } = exchange;
    const sender = new SendsWebhooks();
    const v1 = new V1({ controller, send: sender.send });
    const recorder = new CallRecorder({ controller, clock, log, random: new SeededRandom(5) });
    recorder.add(v1.cdr);
    const server = await HttpServer.open({
      host: "127.0.0.1",
      port: 0,
      log: silentLog,
      upgrade: v1.upgrade,
      routes: controlRoutes({
        calls: () => [...controller.calls.keys()],
        health: () => ({ calls: controller.calls.size }),
        more: v1.routes,
      }),
      ...(token !== undefined && { token }),
    });
    return new V1Bench(exchange, v1, recorder, server, sender, token);
  }

  get base(): string {
    const { address, port } = this.server.address;
    return `http://${address}:${port}`;
  }

  get headers(): Record<string, string> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }

  async ask(method: string, path: string, body?: object): Promise<Answer> {
    const answer = call(
      this.server.address,
      method,
      path,
      body === undefined ? undefined : JSON.stringify(body),
      this.headers,
    );
    return answer;
  }

  /** Waits, without real time passing for the calls, until the answer is there. */
  async act(id: string, body: object): Promise<Answer> {
    const answer = await this.ask("PATCH", `/v1/calls/${id}`, body);
    await this.exchange.settle();
    return answer;
  }

  async get(id: string): Promise<CallResource> {
    return (await this.ask("GET", `/v1/calls/${id}`)).json as CallResource;
  }

  /** An inbound call that no script touches. */
  async invited(): Promise<string> {
    const id = await this.exchange.sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
    await this.exchange.settle();
    return id;
  }

  /** One that is answered. */
  async talking(): Promise<string> {
    const id = await this.invited();
    const answering = this.ask("PATCH", `/v1/calls/${id}`, { action: "answer" });
    await until(() => this.exchange.sip.dialog(id).pending === "ack");
    await this.exchange.sip.acks(id);
    const { status } = await answering;
    if (status !== 200) throw new Error(`answered ${status}`);
    await this.exchange.settle();
    return id;
  }

  async close(): Promise<void> {
    await this.recorder.close();
    this.v1.close();
    await this.server.close();
    await this.#sender.close();
  }
}

/** Lets requests and their answers travel. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 30_000; turn++) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error("it did not come to that");
}

/** The events of a stream that stays open. */
export class SseReader {
  readonly events: { readonly id: string; readonly event: string; readonly data: Record<string, unknown> }[] =
    [];
  readonly status: number;
  readonly headers: Headers;
  readonly #abort: AbortController;
  hasEnded = false;

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#abort = abort;
    void this.#read(response)
      .catch(() => undefined)
      .finally(() => (this.hasEnded = true));
  }

  static async open(bench: V1Bench, query = "", headers: Record<string, string> = {}): Promise<SseReader> {
    const abort = new AbortController();
    const response = await fetch(`${bench.base}/v1/events${query}`, {
      headers: { ...bench.headers, ...headers },
      signal: abort.signal,
    });
    return new SseReader(response, abort);
  }

  get types(): string[] {
    return this.events.map(({ event }) => event);
  }

  async #read(response: Response): Promise<void> {
    let text = "";
    const decoder = new TextDecoder();
    for await (const octets of response.body!) {
      text += decoder.decode(octets as Uint8Array, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block: string): void {
    const fields = Object.fromEntries(
      block.split("\n").map((line) => line.split(/: ?(.*)/s, 2) as [string, string]),
    );
    if (fields["data"] === undefined) return;
    this.events.push({
      id: fields["id"] ?? "",
      event: fields["event"] ?? "",
      data: JSON.parse(fields["data"]) as Record<string, unknown>,
    });
  }

  close(): void {
    this.#abort.abort();
  }
}

/** A receiver of webhooks. */
export class Receiver {
  readonly requests: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  readonly #server: Server;
  status = 204;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<Receiver> {
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8");
      request.on("data", (text: string) => (body += text));
      request.on("end", () => {
        receiver.requests.push({ headers: request.headers, body });
        response.writeHead(receiver.status).end();
      });
    });
    const receiver = new Receiver(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
