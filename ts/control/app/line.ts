/** One call as the verbs of the modern face see it: what they share, and what ends with the call. */
import type { Call } from "../call.js";
import type { CallEvent } from "../call-event.js";
import type { Desk } from "../desk.js";
import { Watchers } from "../watchers.js";
import { CallEnded, endingOf, type CallEnding } from "./call-ended.js";
import { PlayQueue } from "./play-queue.js";
import { TypedKeys } from "./typed-keys.js";
import type { Snippets } from "./verb-options.js";
import type { DialTarget } from "./dial-options.js";

/** What a script has set for all its calls. */
export interface LineSettings {
  /** For who says digits without snippets of their own. */
  snippets(): Snippets | undefined;
  /** @throws {MediaswitchError} NOT_ALLOWED for a target that no rule lets us call. */
  checkAllowed(target: DialTarget & { readonly domain: string }, caller: Line | undefined): void;
  /** The domain that is meant where neither caller nor target names one. */
  defaultDomain(): string | undefined;
}

/** Who asks for lines: an app, or the API; one for each. */
export interface LineHome {
  readonly desk: Desk;
  readonly settings: LineSettings;
  /** The line of a call: always the same one, whoever asks. */
  of(call: Call): Line;
}

/** Which line is whose. */
export interface LineBook {
  of(call: Call): Line;
  /** `line` is that call's from now on, and no more `former`'s. @returns the one that was the call's before. */
  move(line: Line, former: Call, call: Call): Line | undefined;
}

/** What a line is in with others: a bridge, a conference. */
export interface Joint {
  /** The line hears them no more, nor they it; all go on. */
  part(): Promise<void>;
  /** Where two are joined: from now on the end of one is the end of the other, and no script of ours looks after them. */
  release?(): void;
}

export class Line {
  readonly desk: Desk;
  readonly plays: PlayQueue;
  readonly typed = new TypedKeys();
  /** Told of everything that happens to its call. */
  readonly watchers = new Watchers<CallEvent>();
  /** Settles when the call has ended. */
  readonly ended: Promise<CallEnding>;
  /** The bridge that it is in. */
  joint: Joint | undefined;
  /** It lives without a script. */
  isHandedOn = false;

  readonly #book: LineBook;
  #call: Call;
  #unwatch: () => void = () => undefined;
  readonly #abort = new AbortController();
  readonly #waits = new Set<(ending: CallEnding) => void>();
  readonly #takings = new Set<() => void>();
  /** Calls made for this one: they end with it. */
  readonly #dependents = new Set<Line>();
  #owner: Line | undefined;
  #turn = 0;
  #ending: CallEnding | undefined;
  #settle: (ending: CallEnding) => void = () => undefined;

  constructor(desk: Desk, book: LineBook, call: Call) {
    this.desk = desk;
    this.#book = book;
    this.#call = call;
    this.plays = new PlayQueue(this);
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    if (call.hasEnded) this.#hasEnded();
    else this.#follow(call);
  }

  /** The leg it is about: another one since a transfer has put that in its place. */
  get call(): Call {
    return this.#call;
  }

  /** Aborted when the call ends. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** How it has ended; also known while our hang-up is under way. */
  get ending(): CallEnding | undefined {
    return this.#ending ?? (this.call.isOver ? endingOf(this.call) : undefined);
  }

  /** @throws {CallEnded} */
  checkAlive(): void {
    const { ending } = this;
    if (ending !== undefined) throw new CallEnded(ending);
  }

  /** `told` is told as soon as the call is over for verbs, once. @returns takes it out again. */
  onOver(told: (ending: CallEnding) => void): () => void {
    this.#waits.add(told);
    return () => this.#waits.delete(told);
  }

  /** `told` is told when somebody else has the call talk: what a script waits for will not come. @returns takes it out again. */
  onTaken(told: () => void): () => void {
    this.#takings.add(told);
    return () => this.#takings.delete(told);
  }

  /** It was made for `owner`, and ends with it. */
  belongTo(owner: Line): void {
    this.#owner = owner;
    owner.#dependents.add(this);
  }

  handOn(): void {
    this.isHandedOn = true;
    this.#leaveOwner();
  }

  /** A script takes the call: what another one did with it before ends nothing any more. */
  beginTurn(): number {
    this.isHandedOn = false;
    this.#turn += 1;
    return this.#turn;
  }

  isTurn(turn: number): boolean {
    return this.#turn === turn;
  }

  /** The script failed: an error of its own ends this call and nothing else; a call that has ended is no error. */
  failed(error: unknown): void {
    const { call, desk } = this;
    if (error instanceof CallEnded) {
      desk.log.debug({ callid: call.callid, err: error }, "the script ends with a call");
      if (!this.isHandedOn) void desk.feed(call, "hangup");
      return;
    }
    if (call.isOver)
      desk.log.error({ callid: call.callid, err: error }, "the script failed after its call had ended");
    else desk.fail(call, error);
  }

  /** We hang up: verbs wait no longer. */
  hangingUp(): void {
    this.#over(endingOf(this.call));
  }

  #follow(call: Call): void {
    this.#unwatch = call.watchers.add((event) => {
      this.#watch(event);
    });
  }

  #watch(event: CallEvent): void {
    const { replacedBy } = this.#call;
    if (event.type === "replaced" && replacedBy !== undefined) this.#goOnWith(replacedBy);
    if (event.type === "partner" && this.joint === undefined) this.#taken();
    this.plays.watch(event);
    if (event.type === "key") this.typed.hear(event.key);
    if (event.type === "ended") this.#hasEnded();
    this.watchers.tell(event, (error) => {
      this.desk.log.error({ callid: this.#call.callid, err: error }, "one who watches a call failed");
    });
  }

  /** A transfer has joined it with somebody while its script did something else with it. */
  #taken(): void {
    this.beginTurn();
    this.handOn();
    for (const told of [...this.#takings]) told();
    this.#takings.clear();
  }

  /** A transfer has put that leg in the place of ours: what the script does with this line, it does with that one. */
  #goOnWith(successor: Call): void {
    const former = this.#call;
    this.#unwatch();
    this.#call = successor;
    const other = this.#book.move(this, former, successor);
    if (other !== undefined) {
      other.beginTurn();
      other.handOn();
    }
    if (successor.hasEnded) this.#hasEnded();
    else this.#follow(successor);
  }

  #hasEnded(): void {
    this.#over(endingOf(this.call));
    this.#settle(endingOf(this.call));
    this.#leaveOwner();
  }

  #leaveOwner(): void {
    const owner = this.#owner;
    this.#owner = undefined;
    if (owner !== undefined) owner.#dependents.delete(this);
  }

  #over(ending: CallEnding): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    for (const told of [...this.#waits]) told(ending);
    this.#waits.clear();
    this.#abort.abort(new CallEnded(ending));
    const dependents = [...this.#dependents];
    this.#dependents.clear();
    for (const dependent of dependents) void this.desk.feed(dependent.call, "hangup");
  }
}
