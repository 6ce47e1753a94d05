/**
 * Files of deploy/ that nothing here can run: that they parse, and that each command, flag, variable and port in them is
 * one that the program has.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { parse, parseAllDocuments } from "yaml";
import { COMMAND_FLAGS, type Flag } from "../../ts/cli/flags.js";

const deploy = fileURLToPath(new URL("../../deploy", import.meta.url));
const read = (...path: readonly string[]): string => readFileSync(join(deploy, ...path), "utf8");

type Command = keyof typeof COMMAND_FLAGS;

const longName = ({ flags }: Flag): string => /--[a-z0-9-]+/.exec(flags)?.[0] ?? "";
const variable = (flag: string): string => `MEDIASWITCH_${flag.slice(2).replaceAll("-", "_").toUpperCase()}`;

/** Flags of a command line, and variables of its environment, that this command does not have. */
function unknown(command: string, words: readonly string[], variables: readonly string[]): readonly string[] {
  const flags = COMMAND_FLAGS[command as Command] as readonly Flag[] | undefined;
  if (flags === undefined) return [`there is no command ${command}`];
  const names = new Set(flags.map(longName));
  const known = new Set([...names].map(variable));
  return [
    ...words.filter((word) => word.startsWith("--") && !names.has(word)),
    ...variables.filter((name) => name.startsWith("MEDIASWITCH_") && !known.has(name)),
  ];
}

/** Ports that a component listens on unless told otherwise. */
const HTTP_PORTS: Readonly<Record<string, number>> = { sip: 9000, control: 9001, rtp: 9002 };

for (const name of readdirSync(join(deploy, "systemd"))) {
  t.test(`systemd/${name}`, async (t) => {
    const text = read("systemd", name);
    const [, line = ""] = /^ExecStart=\/usr\/bin\/node .*cli\.js (.*)$/m.exec(text) ?? [];
    const [command = "", ...words] = line.split(" ");
    t.same(unknown(command, words, []), [], line);
    t.match(text, /^\[Unit\][\s\S]*^\[Service\][\s\S]*^\[Install\]/m);
    const found = spawnSync("systemd-analyze", ["--version"]).status === 0;
    if (!found) return;
    const path = join(deploy, "systemd", name);
    const { stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", path], { encoding: "utf8" });
    const ours = stderr.split("\n").filter((said) => said.includes(name) && !said.includes("not executable"));
    t.same(ours, [], "systemd-analyze verify");
  });
}

interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: number } };
  readonly livenessProbe: { readonly httpGet: { readonly path: string; readonly port: number } };
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: {
    readonly selector?: { readonly app?: string; readonly matchLabels?: { readonly app: string } };
    readonly ports?: readonly { readonly port: number }[];
    readonly template?: {
      readonly metadata: { readonly labels: { readonly app: string } };
      readonly spec: { readonly containers: readonly Container[] };
    };
  };
}

t.test("kubernetes/mediaswitch.yaml", async (t) => {
  const documents = parseAllDocuments(read("kubernetes", "mediaswitch.yaml"));
  t.same(
    documents.flatMap((one) => ("errors" in one ? one.errors : [])),
    [],
  );
  const manifests = documents.map((one) => one.toJS() as Manifest);
  for (const { apiVersion, kind, metadata } of manifests) t.ok(apiVersion && kind && metadata.name, kind);
  const workloads = manifests.filter(({ spec }) => spec?.template !== undefined);
  t.same(
    workloads.map(({ metadata }) => metadata.name),
    ["mediaswitch-sip", "mediaswitch-rtp", "mediaswitch-control"],
  );
  for (const { spec, metadata } of workloads) {
    t.equal(spec?.selector?.matchLabels?.app, spec?.template?.metadata.labels.app, metadata.name);
    for (const { args, env, ports, readinessProbe, livenessProbe } of spec?.template?.spec.containers ?? []) {
      const [command = ""] = args;
      t.same(
        unknown(
          command,
          args,
          env.map(({ name }) => name),
        ),
        [],
        command,
      );
      const http = HTTP_PORTS[command];
      t.equal(ports.find(({ name }) => name === "http")?.containerPort, http);
      t.same(readinessProbe.httpGet, { path: "/ready", port: http });
      t.same(livenessProbe.httpGet, { path: "/health", port: http });
    }
  }
  const [control] = workloads.filter(({ metadata }) => metadata.name === "mediaswitch-control");
  const said = control?.spec?.template?.spec.containers[0]?.args.filter((word) =>
    word.startsWith("http://mediaswitch"),
  );
  const services = manifests.filter(({ kind }) => kind === "Service");
  const reached = services.map(
    ({ metadata, spec }) => `http://${metadata.name}:${String(spec?.ports?.[0]?.port)}`,
  );
  t.same(said, reached, "control asks services that there are");
});

t.test("docker", async (t) => {
  const image = read("docker", "Dockerfile");
  const variables = [...image.matchAll(/\b(MEDIASWITCH_\w+)=/g)].map(([, name = ""]) => name);
  const { services } = parse(read("docker", "compose.yaml")) as {
    services: Readonly<
      Record<string, { command: readonly string[]; environment: Readonly<Record<string, string>> }>
    >;
  };
  const { command, environment } = services["mediaswitch"] ?? { command: [], environment: {} };
  const [name = "", ...words] = command;
  t.same(unknown(name, words, [...variables, ...Object.keys(environment)]), []);
  t.match(image, /EXPOSE 5060\/udp 5060\/tcp 9000 9001 9002 10000-10999\/udp/);
  t.match(image, /^USER node$/m, "not as root");
});

t.test("a flag that there is not is found out", async (t) => {
  t.same(unknown("sip", ["sip", "--sip-prot", "5060"], ["MEDIASWITCH_TOKN", "HOME"]), [
    "--sip-prot",
    "MEDIASWITCH_TOKN",
  ]);
});
