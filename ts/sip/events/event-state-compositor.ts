import { ms, seconds, type Millis } from "../../core/brand.js";
import type { Timer } from "../../core/clock.js";
import { hexToken } from "../../core/random.js";
import type { Caller } from "../caller.js";
import { domainName } from "../registrar/domain-name.js";
import type { ServerTransaction } from "../transaction/transaction.js";
import { answer, type AnswerOptions, type EventContext } from "./event-context.js";
import { grantedExpires, RETRY_AFTER } from "./event-limits.js";
import type { Changed } from "./event-package.js";
import { refusalFor, resourceKey, resourceOf, type Resource } from "./resource.js";

/** The document of a user that was published last, as a binary string; undefined: none. */
export type PublishedStates = (resource: Resource) => string | undefined;

export interface EventStateCompositorOptions {
  readonly context: EventContext;
  /** The one package that may be published, and the one format of its documents. */
  readonly event: string;
  readonly contentType: string;
  readonly changed: Changed;
}

interface Publication {
  /** Of the last 200 (RFC 3903 §6 step 7): by it alone the publication is reached. */
  readonly entityTag: string;
  /** Octets as they came: nothing here reads them. */
  readonly document: string;
  readonly expiresAt: Millis;
  readonly expiry: Timer;
}

/** Seconds, where a PUBLISH asks for none (RFC 3856 §6.4). */
const DEFAULT_EXPIRES = 3600;

/** Keeps what users publish about themselves (RFC 3903 §6), for a time. */
export class EventStateCompositor {
  readonly #context: EventContext;
  readonly #event: string;
  readonly #contentType: string;
  readonly #changed: Changed;
  /** User → publications, the last made or modified first; at least one each. */
  readonly #users = new Map<string, readonly Publication[]>();
  #count = 0;

  constructor({ context, event, contentType, changed }: EventStateCompositorOptions) {
    this.#context = context;
    this.#event = event;
    this.#contentType = contentType;
    this.#changed = changed;
  }

  get count(): number {
    return this.#count;
  }

  readonly published: PublishedStates = (resource) => this.#of(resource)[0]?.document;

  /** A PUBLISH that is known to come from `caller`. */
  publish(transaction: ServerTransaction, caller: Caller): void {
    const { request } = transaction;
    const { headers } = request;
    const { directory, limits } = this.#context;
    const resource = resourceOf(request.uri, caller, directory);
    // Steps 1 and 3: everybody publishes for themselves.
    const isOwn = caller.username === resource.user && domainName(caller.domain) === resource.domain;
    const refusal = isOwn ? refusalFor(caller, resource, directory) : 403;
    if (refusal !== undefined) {
      this.#answer(transaction, refusal);
      return;
    }
    // Step 2.
    if (headers.event?.value !== this.#event) {
      this.#answer(transaction, 489, { headers: { "allow-events": [this.#event] } });
      return;
    }
    const expires = grantedExpires(headers.expires ?? DEFAULT_EXPIRES, limits);
    if (expires === undefined) {
      this.#answer(transaction, 423, { headers: { "min-expires": limits.minExpires } });
      return;
    }
    const unfit = this.#unfitBody(transaction);
    if (unfit !== undefined) {
      this.#answer(transaction, unfit.status, unfit.options);
      return;
    }
    const match = headers["sip-if-match"];
    if (match === undefined) this.#add(transaction, resource, expires);
    else this.#change(transaction, resource, match, expires);
  }

  /** Forgets what a user has published, without a word. */
  forget(resource: Resource): void {
    for (const publication of this.#of(resource)) {
      publication.expiry.cancel();
      this.#count -= 1;
    }
    this.#users.delete(resourceKey(resource));
  }

  close(): void {
    for (const publications of this.#users.values()) {
      for (const { expiry } of publications) expiry.cancel();
    }
    this.#users.clear();
    this.#count = 0;
  }

  /** Step 6 as far as it needs no reader. */
  #unfitBody({ request }: ServerTransaction): { status: number; options: AnswerOptions } | undefined {
    const { headers, content } = request;
    if (content === "") return undefined;
    if (content.length > this.#context.limits.documentOctets) return { status: 413, options: {} };
    const type = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
    if (type === this.#contentType && headers["content-encoding"] === undefined) return undefined;
    const accept = [{ value: this.#contentType, params: {} }];
    return { status: 415, options: { headers: { accept } } };
  }

  /** An initial publication (§4.2). */
  #add(transaction: ServerTransaction, resource: Resource, expires: number): void {
    const { limits } = this.#context;
    const document = transaction.request.content;
    if (document === "") {
      this.#answer(transaction, 400, { reason: "Nothing Published" });
      return;
    }
    if (this.#of(resource).length >= limits.publicationsPerUser) {
      this.#answer(transaction, 403, { reason: "Too Many Publications" });
      return;
    }
    if (this.#count >= limits.publications) {
      this.#answer(transaction, 503, { headers: { "retry-after": RETRY_AFTER } });
      return;
    }
    this.#store(transaction, resource, document, expires);
    if (expires > 0) this.#changed(resource);
  }

  /** Step 4, then a refresh (no body), a modification (a body) or a removal (Expires 0). */
  #change(transaction: ServerTransaction, resource: Resource, match: string, expires: number): void {
    const publications = this.#of(resource);
    const found = publications.find(({ entityTag }) => entityTag === match);
    if (found === undefined) {
      this.#answer(transaction, 412);
      return;
    }
    const document = transaction.request.content;
    const isFirst = publications[0] === found;
    this.#take(resource, found);
    const isModified = document !== "" && expires > 0;
    const place = isModified ? 0 : publications.indexOf(found);
    this.#store(transaction, resource, isModified ? document : found.document, expires, place);
    if (isModified || (expires === 0 && isFirst)) this.#changed(resource);
  }

  /** Step 7: 200 with an entity-tag that was never given before. Nothing is kept for no time. */
  #store(
    transaction: ServerTransaction,
    resource: Resource,
    document: string,
    expires: number,
    place = 0,
  ): void {
    const { clock, random } = this.#context;
    const entityTag = hexToken(random, 8);
    if (expires > 0) {
      const publication: Publication = {
        entityTag,
        document,
        expiresAt: ms(clock.now() + seconds(expires)),
        expiry: clock.after(seconds(expires), () => {
          this.#expired(resource, publication);
        }),
      };
      const publications = [...this.#of(resource)];
      publications.splice(place, 0, publication);
      this.#users.set(resourceKey(resource), publications);
      this.#count += 1;
    }
    this.#answer(transaction, 200, { headers: { "sip-etag": entityTag, expires } });
  }

  #expired(resource: Resource, publication: Publication): void {
    const isFirst = this.#of(resource)[0] === publication;
    this.#take(resource, publication);
    if (isFirst) this.#changed(resource);
  }

  #take(resource: Resource, publication: Publication): void {
    publication.expiry.cancel();
    this.#count -= 1;
    const left = this.#of(resource).filter((other) => other !== publication);
    if (left.length === 0) this.#users.delete(resourceKey(resource));
    else this.#users.set(resourceKey(resource), left);
  }

  #of(resource: Resource): readonly Publication[] {
    return this.#users.get(resourceKey(resource)) ?? [];
  }

  #answer(transaction: ServerTransaction, status: number, options?: AnswerOptions): void {
    answer(this.#context, transaction, status, options);
  }
}
