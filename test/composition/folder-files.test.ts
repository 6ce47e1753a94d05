import { readdir } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { FolderFiles } from "../../ts/composition/folder-files.js";
import { FileMailboxStore } from "../../ts/control/services/voicemail/file-mailbox-store.js";

t.test(
  "a mailbox on disk: another store finds what one has added, and nothing else is left there",
  async (t) => {
    const root = t.testdir();
    const box = { domain: "example.org", user: "1000" };
    const message = { id: "a", from: "1001", at: 1, duration: 2, file: "voicemail/a.wav", heard: false };
    const files = new FolderFiles(root);
    await files.write("voicemail/a.wav", "sound");
    await new FileMailboxStore(files).add(box, message);
    const store = new FileMailboxStore(new FolderFiles(root));
    t.same(await store.list(box), [message]);
    t.same(await readdir(join(root, "voicemail/example%2Eorg/1000")), ["index.json"]);
    await store.remove(box, "a");
    t.same(await store.list(box), []);
    t.equal(await files.read("voicemail/a.wav"), undefined);
    await store.discard("voicemail/never.wav");
  },
);

t.test("no path leads out of the folder", async (t) => {
  const files = new FolderFiles(t.testdir());
  for (const path of ["../a", "a/../../b", "/etc/passwd"]) {
    await t.rejects(files.write(path, "x"), { code: "ARGUMENT_INVALID", field: "path" });
  }
});
