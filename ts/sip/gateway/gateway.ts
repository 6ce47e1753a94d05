import { DigestClient } from "../auth/digest-client.js";
import { binaryToText } from "../message/binary.js";
import type { NameAddr } from "../message/message.js";
import { formatUri, parseUri, type SipUri } from "../message/uri.js";
import { textToBinary } from "../message/binary.js";
import type { GatewayInfo } from "../sip-service.js";
import type { GatewayPlan } from "./gateway-plan.js";
import {
  GatewayRegistration,
  type RegistrationContext,
  type RegistrationNews,
} from "./gateway-registration.js";
import { GatewaySources } from "./gateway-sources.js";

/** One gateway: where calls to it go, whose calls are its, and our registration there. */
export class Gateway {
  readonly name: string;
  #plan: GatewayPlan;
  #sources: GatewaySources;
  readonly #context: RegistrationContext;
  readonly #registration: GatewayRegistration | undefined;

  constructor(
    name: string,
    plan: GatewayPlan,
    context: RegistrationContext,
    tell: (news: RegistrationNews) => void,
  ) {
    this.name = name;
    this.#plan = plan;
    this.#context = context;
    this.#sources = this.#watchSources();
    const { settings, username } = plan;
    const secret = settings.from.authsecret;
    if (!plan.register) return;
    this.#registration = new GatewayRegistration(
      {
        registrar: formatUri(plan.server),
        aor: plan.aor,
        contactUser: settings.from.user,
        digest: secret === undefined ? undefined : new DigestClient({ username, secret }, context.random),
        proxy: plan.proxy === undefined ? [] : [plan.proxy],
        expires: plan.expires,
      },
      context,
      tell,
    );
  }

  get plan(): GatewayPlan {
    return this.#plan;
  }

  start(): void {
    this.#registration?.start();
  }

  /** Other settings that register alike: the registration goes on. */
  change(plan: GatewayPlan): void {
    this.#plan = plan;
    this.#sources.close();
    this.#sources = this.#watchSources();
  }

  /** Do requests from this address come from the gateway? */
  isSource(address: string): boolean {
    return this.#sources.has(address);
  }

  /** Request-URI of a call to `user`. */
  uriOf(user: string): string {
    const { server } = this.#plan;
    return formatUri(user === "" ? server : { ...server, user: textToBinary(user) });
  }

  /** RFC 3608 §5: by the Service-Route of our registration, else by the outbound proxy. */
  get route(): readonly NameAddr[] {
    const serviceRoute = this.#registration?.granted?.serviceRoute ?? [];
    if (serviceRoute.length > 0) return serviceRoute;
    return this.#plan.proxy === undefined ? [] : [this.#plan.proxy];
  }

  info(): GatewayInfo {
    const { settings, domain, username, register } = this.#plan;
    const failure = this.#registration?.failure;
    const uris = (addresses: readonly NameAddr[]): string[] => addresses.map(({ uri }) => binaryToText(uri));
    return {
      name: this.name,
      from: { user: settings.from.user, domain, authuser: username },
      to: settings.to,
      ...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
      register,
      state: this.#registration?.state ?? "unregistered",
      ...(failure === undefined ? {} : { error: { code: failure.code, status: failure.status } }),
      expires: this.#registration?.remaining ?? 0,
      route: uris(this.#registration?.granted?.serviceRoute ?? []),
      path: uris(this.#registration?.granted?.path ?? []),
      sources: this.#sources.list,
      ...(settings.domain === undefined ? {} : { domain: settings.domain }),
      ...(settings.control === undefined ? {} : { control: settings.control }),
    };
  }

  /** @returns when the registration was taken back, whatever came of it. */
  async stop(): Promise<void> {
    this.#sources.close();
    await this.#registration?.stop();
  }

  /** Ends at once without a word. */
  abandon(): void {
    this.#sources.close();
    this.#registration?.abandon();
  }

  #watchSources(): GatewaySources {
    const { server, proxy, sources } = this.#plan;
    const proxyUri = proxy === undefined ? undefined : parseUri(proxy.uri);
    const names: SipUri[] = proxyUri === undefined ? [server] : [server, proxyUri];
    return new GatewaySources({ names, networks: sources }, this.#context);
  }
}
