/** JsSIP (https://jssip.net) in a browser's page: a phone that speaks SIP over WebSocket. */
import { build } from "esbuild";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

/** What the page has to say of a request: the status that came, or why none did. */
export interface Outcome {
  readonly status: number | undefined;
  readonly cause: string;
  /** The reason phrase. */
  readonly reason: string;
}

export interface WebPhoneOptions {
  /** `ws://127.0.0.1:5080` */
  readonly server: string;
  readonly user: string;
  readonly secret: string;
  readonly domain: string;
}

/** What is run in the page is text: nothing of ours is there. */
const PAGE_CODE = `
const outcome = ({ response, cause }) => ({
  status: response?.status_code,
  cause: cause ?? "",
  reason: response?.reason_phrase ?? "",
});
const settled = (listen) => new Promise((resolve) => listen((event) => resolve(outcome(event ?? {}))));
globalThis.phone = {
  start({ server, user, secret, domain }) {
    const socket = new JsSIP.WebSocketInterface(server);
    this.ua = new JsSIP.UA({
      sockets: [socket], uri: "sip:" + user + "@" + domain, password: secret, register: false, session_timers: false,
    });
    this.messages = [];
    this.ua.on("newMessage", ({ originator, message, request }) => {
      if (originator === "remote") this.messages.push(request.body);
    });
    return new Promise((resolve, reject) => {
      this.ua.once("connected", () => resolve());
      this.ua.once("disconnected", () => reject(new Error("no connection")));
      this.ua.start();
    });
  },
  register() {
    const told = settled((done) => {
      this.ua.once("registered", done);
      this.ua.once("registrationFailed", done);
    });
    this.ua.register();
    return told;
  },
  unregister() {
    const told = settled((done) => this.ua.once("unregistered", done));
    this.ua.unregister();
    return told;
  },
  message(target, text) {
    return settled((done) => this.ua.sendMessage(target, text, { eventHandlers: { succeeded: done, failed: done } }));
  },
  options(target) {
    return settled((done) => this.ua.sendOptions(target, "", { eventHandlers: { succeeded: done, failed: done } }));
  },
  call(target) {
    return settled((done) => {
      const { connection } = this.ua.call(target, {
        mediaConstraints: { audio: false, video: false },
        rtcOfferConstraints: { offerToReceiveAudio: true },
        eventHandlers: {
          sending: ({ request }) => (this.offer = request.body),
          confirmed: () => done({ cause: "answered" }),
          failed: ({ message, cause }) => done({ response: message, cause }),
        },
      });
    });
  },
};
`;

/** A phone in the page, connected to its server. */
export class WebPhone {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async start(page: Page, options: WebPhoneOptions): Promise<WebPhone> {
    const { outputFiles } = await build({
      entryPoints: [createRequire(import.meta.url).resolve("jssip")],
      bundle: true,
      format: "iife",
      globalName: "JsSIP",
      platform: "browser",
      write: false,
      logLevel: "silent",
    });
    await page.addScriptTag({ content: outputFiles[0]?.text ?? "" });
    await page.addScriptTag({ content: PAGE_CODE });
    const phone = new WebPhone(page);
    await phone.#ask("start", options);
    return phone;
  }

  register(): Promise<Outcome> {
    return this.#ask("register");
  }

  unregister(): Promise<Outcome> {
    return this.#ask("unregister");
  }

  message(target: string, text: string): Promise<Outcome> {
    return this.#ask("message", target, text);
  }

  options(target: string): Promise<Outcome> {
    return this.#ask("options", target);
  }

  call(target: string): Promise<Outcome> {
    return this.#ask("call", target);
  }

  /** Bodies of the messages that it was sent. */
  messages(): Promise<readonly string[]> {
    return this.#page.evaluate<readonly string[]>("phone.messages");
  }

  /** The session description of its last call. */
  offer(): Promise<string> {
    return this.#page.evaluate<string>("phone.offer");
  }

  #ask<Answer>(method: string, ...args: readonly unknown[]): Promise<Answer> {
    return this.#page.evaluate<Answer>(`phone.${method}(...${JSON.stringify(args)})`);
  }
}
