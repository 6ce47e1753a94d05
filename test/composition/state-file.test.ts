/** `--state`: what is written, when, and what becomes of a file that can't be read. */
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { KeptState } from "../../ts/composition/kept-state.js";
import { loadState, StateFile } from "../../ts/composition/state-file.js";
import { seconds } from "../../ts/core/brand.js";
import { silentLog } from "../../ts/core/log.js";
import { Directory } from "../../ts/sip/registrar/directory.js";
import { Registrar } from "../../ts/sip/registrar/registrar.js";
import { restoreState, type StateParts } from "../../ts/sip/state/restore-state.js";
import { SeededRandom } from "../support/seeded-random.js";
import { ManualClock } from "../support/manual-clock.js";

async function folder(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "mediaswitch-state-"));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

function partsOn(clock: ManualClock): StateParts {
  const directory = new Directory();
  const random = new SeededRandom(1);
  return {
    clock,
    directory,
    registrar: new Registrar({ clock, random, directory, events: () => undefined }),
    gateways: { put: () => undefined, settings: () => [] },
    calls: { resume: () => undefined, stored: () => [] },
  };
}

const EMPTY = '{"version":1,"domains":[],"bindings":[]}';

/** Lets writes that were begun come to their end. */
const written = async (clock: ManualClock, done: () => boolean | Promise<boolean>): Promise<void> => {
  for (let turn = 0; turn < 10_000 && !(await done()); turn += 1) await clock.settle();
};

t.test("changes are gathered for a second and written at once, for the owner's eyes only", async (t) => {
  const path = join(await folder(t), "state.json");
  const clock = new ManualClock();
  let text = "first";
  let asked = 0;
  const file = new StateFile({
    path,
    clock,
    log: silentLog,
    pieces: () => {
      asked += 1;
      return [text, "!"];
    },
  });
  for (let count = 0; count < 10; count += 1) file.changed();
  await clock.advance(seconds(0.999));
  t.equal(asked, 0);
  await clock.advance(seconds(1));
  await file.close();
  t.equal(asked, 1, "close finds nothing left to write");
  t.equal(await readFile(path, "utf8"), "first!");
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.strictSame(await readdir(join(path, "..")), ["state.json"], "nothing is left beside it");
  text = "never";
  file.changed();
  await clock.advance(seconds(100));
  t.equal(asked, 1, "closed is closed");
});

t.test("close writes what has changed since", async (t) => {
  const path = join(await folder(t), "state.json");
  const clock = new ManualClock();
  const file = new StateFile({ path, clock, log: silentLog, pieces: () => ["last"] });
  file.changed();
  await file.close();
  t.equal(await readFile(path, "utf8"), "last");
  t.equal(clock.pendingTimers, 0);
});

t.test("a file that is there is replaced, and keeps nothing of its rights", async (t) => {
  const path = join(await folder(t), "state.json");
  await writeFile(path, "before");
  await writeFile(`${path}.new`, "of a process that died");
  await chmod(path, 0o644);
  const file = new StateFile({ path, clock: new ManualClock(), log: silentLog, pieces: () => ["after"] });
  file.changed();
  await file.close();
  t.equal(await readFile(path, "utf8"), "after");
  t.equal((await stat(path)).mode & 0o777, 0o600);
});

t.test("what can't be written is logged and tried again", async (t) => {
  const base = await folder(t);
  const path = join(base, "not", "there", "state.json");
  const clock = new ManualClock();
  const errors: string[] = [];
  const log = { ...silentLog, error: (_: object, text: string) => void errors.push(text) };
  const file = new StateFile({ path, clock, log, pieces: () => ["x"] });
  file.changed();
  await clock.advance(seconds(1));
  await written(clock, () => errors.length === 1);
  t.strictSame(errors, ["the state could not be written; it is tried again"]);
  await written(clock, () => clock.pendingTimers === 1);
  await clock.advance(seconds(10));
  await written(clock, () => errors.length === 2);
  t.equal(errors.length, 2);
  await file.close();
  t.equal(errors.length, 3, "and once more at the end");
});

t.test("a write that fails halfway leaves what was there", async (t) => {
  const path = join(await folder(t), "state.json");
  await writeFile(path, EMPTY);
  const file = new StateFile({
    path,
    clock: new ManualClock(),
    log: silentLog,
    pieces: function* () {
      yield "half";
      throw new Error("no more");
    },
  });
  file.changed();
  await file.close();
  t.equal(await readFile(path, "utf8"), EMPTY);
  t.strictSame(await readdir(join(path, "..")), ["state.json"]);
});

t.test("no file is a fresh start", async (t) => {
  t.equal(await loadState(join(await folder(t), "state.json")), undefined);
});

const broken: readonly { why: string; text: string; field: string; says: RegExp }[] = [
  { why: "cut off", text: EMPTY.slice(0, 20), field: "state", says: /JSON/ },
  { why: "empty", text: "", field: "state", says: /JSON/ },
  { why: "of another version", text: EMPTY.replace("1", "3"), field: "version", says: /version/ },
  { why: "a list", text: "[]", field: "the document", says: /the document/ },
  {
    why: "with a field nobody knows",
    text: EMPTY.replace("{", '{"x":1,'),
    field: "the document",
    says: /"x"/,
  },
  {
    why: "with a binding that is none",
    text: EMPTY.replace('"bindings":[]', '"bindings":[{"domain":"example.com"}]'),
    field: "bindings[0].user",
    says: /bindings\[0\]\.user/,
  },
  {
    why: "with a port out of range",
    text: EMPTY.replace(
      '"bindings":[]',
      '"bindings":[{"domain":"d","user":"u","contact":"sip:u@h","q":1,"callId":"c","cseq":1,"registeredAt":0,' +
        '"expires":1,"flow":{"protocol":"UDP","remote":{"address":"192.0.2.1","port":70000}}}]',
    ),
    field: "bindings[0].flow.remote.port",
    says: /port/,
  },
  {
    why: "with an algorithm that is none",
    text: EMPTY.replace('"domains":[]', '"domains":[{"name":"d","algorithms":["MD4"],"users":[]}]'),
    field: "domains[0].algorithms[0]",
    says: /algorithms/,
  },
];
for (const { why, text, field, says } of broken) {
  t.test(`a file that is ${why} is a clear error, and stays as it is`, async (t) => {
    const path = join(await folder(t), "state.json");
    await writeFile(path, text);
    await t.rejects(KeptState.open(path, new ManualClock(), silentLog), {
      code: "ARGUMENT_INVALID",
      field,
      message: says,
    });
    t.equal(await readFile(path, "utf8"), text);
  });
}

t.test("a document that is one but makes no sense is told with the file's name, and stays", async (t) => {
  const path = join(await folder(t), "state.json");
  const text = EMPTY.replace('"domains":[]', '"domains":[{"name":"a/b","algorithms":["MD5"],"users":[]}]');
  await writeFile(path, text);
  const clock = new ManualClock();
  const state = await KeptState.open(path, clock, silentLog);
  t.throws(
    () =>
      state.serve(({ saved }) => {
        restoreState(saved!, partsOn(clock));
        return { savedState: () => [] };
      }),
    { code: "ARGUMENT_INVALID", field: "domains[0].domain", message: /state\.json/ },
  );
  await state.close();
  t.equal(await readFile(path, "utf8"), text);
});

t.test("without a file nothing is read or written", async (t) => {
  const clock = new ManualClock();
  const state = await KeptState.open(undefined, clock, silentLog);
  state.serve(({ saved, stateChanged }) => {
    t.equal(saved, undefined);
    stateChanged();
    return { savedState: () => t.fail("asked") as never };
  });
  await clock.advance(seconds(100));
  await state.close();
});

t.test("a service is kept from its start on", async (t) => {
  const path = join(await folder(t), "state.json");
  const clock = new ManualClock();
  const state = await KeptState.open(path, clock, silentLog);
  let tell = (): void => undefined;
  let text = EMPTY;
  state.serve(({ stateChanged }) => {
    tell = stateChanged;
    return { savedState: () => [text] };
  });
  await clock.advance(seconds(1));
  await written(clock, () =>
    stat(path).then(
      () => true,
      () => false,
    ),
  );
  t.equal(await readFile(path, "utf8"), EMPTY, "at once, so that it is known whether it can be");
  text = `${EMPTY} `;
  tell();
  await state.close();
  t.equal(await readFile(path, "utf8"), text);
});
