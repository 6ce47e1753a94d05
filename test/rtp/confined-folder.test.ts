import { existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import t, { type Test } from "tap";
import { ConfinedFolder } from "../../ts/rtp/confined-folder.js";

const LEADS_OUT = { code: "ARGUMENT_INVALID", field: "f" };

/** A root with a file, a folder and links; a secret beside it. */
function tree(t: Test): { root: string; outside: string; folder: ConfinedFolder } {
  const base = realpathSync(
    t.testdir({
      root: { "a.wav": "a", sub: { "b.wav": "b" } },
      outside: { "secret.wav": "s" },
      rootless: { "x.wav": "x" },
    }),
  );
  const [root, outside] = [join(base, "root"), join(base, "outside")];
  symlinkSync(join(root, "sub", "b.wav"), join(root, "inner.wav"));
  symlinkSync(join(outside, "secret.wav"), join(root, "outer.wav"));
  symlinkSync(outside, join(root, "way-out"));
  symlinkSync(join(root, "nowhere"), join(root, "dangling.wav"));
  return { root, outside, folder: new ConfinedFolder(root) };
}

t.test("files of the folder, by relative and absolute names", async (t) => {
  const { root, folder } = tree(t);
  t.equal(await folder.existing("a.wav", "f"), join(root, "a.wav"));
  t.equal(await folder.existing("./sub//b.wav", "f"), join(root, "sub", "b.wav"));
  t.equal(await folder.existing(join(root, "a.wav"), "f"), join(root, "a.wav"));
  t.equal(await folder.existing("inner.wav", "f"), join(root, "sub", "b.wav"), "a link that stays inside");
});

t.test("what is no file there is not there", async (t) => {
  const { folder } = tree(t);
  for (const name of ["missing.wav", "sub", "a.wav/b.wav", "dangling.wav", "x".repeat(300)]) {
    t.equal(await folder.existing(name, "f"), undefined, name);
  }
});

t.test("no name leads out", async (t) => {
  const { root, outside, folder } = tree(t);
  for (const name of [
    "../outside/secret.wav",
    "sub/../../outside/secret.wav",
    "sub/../a.wav",
    join(outside, "secret.wav"),
    "/etc/passwd",
    `${root}less/x.wav`,
    "outer.wav",
    "way-out/secret.wav",
    "file:///etc/passwd",
    "http://sounds.example/a.wav",
    "a.wav\0.png",
    "",
    ".",
    root,
  ]) {
    await t.rejects(folder.existing(name, "f"), LEADS_OUT, name);
    await t.rejects(folder.writable(name, "f"), LEADS_OUT, `${name} to write`);
  }
});

t.test(
  "files to write: new ones, ones that are there, in folders that are made where they are not",
  async (t) => {
    const { root, outside, folder } = tree(t);
    t.equal(await folder.writable("new.wav", "f"), join(root, "new.wav"));
    t.equal(await folder.writable("sub/new.wav", "f"), join(root, "sub", "new.wav"));
    t.equal(await folder.writable("a.wav", "f"), join(root, "a.wav"));
    t.equal(await folder.writable("inner.wav", "f"), join(root, "sub", "b.wav"), "where the link leads");
    t.equal(await folder.writable("none/yet/new.wav", "f"), join(root, "none", "yet", "new.wav"));
    t.ok(existsSync(join(root, "none", "yet")));
    await t.rejects(folder.writable("way-out/none/new.wav", "f"), LEADS_OUT);
    t.notOk(existsSync(join(outside, "none")), "nothing is made outside");
    const unknown = { code: "MEDIA_FILE_UNKNOWN", field: "f" };
    await t.rejects(folder.writable("dangling.wav/new.wav", "f"), unknown, "within nothing");
    const nowhere = new ConfinedFolder(join(root, "not-there"));
    await t.rejects(nowhere.writable("new.wav", "f"), unknown, "the root itself is not made");
    await t.rejects(folder.writable("sub", "f"), LEADS_OUT, "a folder");
    await t.rejects(folder.writable("dangling.wav", "f"), LEADS_OUT, "a link to nowhere could lead anywhere");
  },
);

t.test("a root that is itself a link, or that comes later", async (t) => {
  const { root } = tree(t);
  const base = dirname(root);
  const link = join(base, "link");
  symlinkSync(root, link);
  const linked = new ConfinedFolder(link);
  t.equal(await linked.existing("a.wav", "f"), join(root, "a.wav"));
  t.equal(await linked.existing(join(link, "a.wav"), "f"), join(root, "a.wav"));
  t.equal(await linked.existing(join(root, "a.wav"), "f"), join(root, "a.wav"));
  const late = new ConfinedFolder(join(base, "late"));
  t.equal(await late.existing("a.wav", "f"), undefined);
  mkdirSync(join(base, "late"));
  writeFileSync(join(base, "late", "a.wav"), "");
  t.equal(await late.existing("a.wav", "f"), join(base, "late", "a.wav"));
});
