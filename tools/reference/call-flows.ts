import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RecordedFlow } from "../../test/support/flow-recorder.js";
import type { Page } from "./page.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Test files whose flows are shown, by the heading that they stand under. */
const CHAPTERS: Readonly<Record<string, string>> = {
  Registration: "test/flows/rfc3665-registration.test.ts",
  Sessions: "test/flows/rfc3665-sessions.test.ts",
  "Early media": "test/flows/early-media.test.ts",
  Services: "test/flows/rfc5359-services.test.ts",
  "Unattended transfer": "test/flows/blind-transfer.test.ts",
  "Attended transfer": "test/flows/attended-transfer.test.ts",
};

/** Runs the tests and takes down what was sent in them. @throws when one fails: a picture of a fault helps nobody. */
function flowsOf(file: string): readonly RecordedFlow[] {
  const folder = mkdtempSync(join(tmpdir(), "mediaswitch-flows-"));
  const notes = join(folder, "flows.jsonl");
  try {
    const { status, stdout } = spawnSync(process.execPath, ["--import=tsx", file], {
      cwd: root,
      env: { ...process.env, MEDIASWITCH_FLOWS: notes, TAP: "1" },
      encoding: "utf8",
      maxBuffer: 1e8,
    });
    if (status !== 0) throw new Error(`${file} fails:\n${stdout.slice(-2000)}`);
    const lines = readFileSync(notes, "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line) as RecordedFlow);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function section(heading: string, file: string): string {
  const flows = flowsOf(file).map(({ title, picture }) => `### ${title}\n\n\`\`\`text\n${picture}\n\`\`\``);
  return `## ${heading}\n\nFrom \`${file}\`.\n\n${flows.join("\n\n")}`;
}

export function callFlowsPage(): Page {
  const chapters = Object.entries(CHAPTERS).map(([heading, file]) => section(heading, file));
  const text = `# Call flows, drawn

_Made by \`npm run docs:reference\` of what was sent in the tests named here._

Milliseconds since the flow began, in virtual time; each leg of a call is a dialog of its own with the switch.
[flows.md](flows.md) lists all flows and the documents they come from.

${chapters.join("\n\n")}
`;
  return { file: "call-flows.md", text };
}
