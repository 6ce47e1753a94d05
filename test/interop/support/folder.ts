import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";

/** A folder that goes with the test. Its path is short: baresip cuts a recording's path at 127 characters. */
export function temporaryFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), "mediaswitch-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
