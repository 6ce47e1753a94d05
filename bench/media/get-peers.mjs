// Fetches and builds what the media bench compares with: @babblevoice/projectrtp from npm, with the libilbc that comes in
// its package, into build/bench/projectrtp. rtpengine is Debian's: apt-get install rtpengine-daemon.
//
//   node bench/media/get-peers.mjs
//
// Wants g++, cmake, libboost-dev, libspandsp-dev, libsrtp2-dev and libgnutls28-dev.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECTRTP_VERSION, projectrtp, projectrtpFolder } from "./servers/projectrtp.mjs";

function run(command, args, env = {}) {
  console.log(`${command} ${args.join(" ")}`);
  const { status, error } = spawnSync(command, args, {
    cwd: projectrtpFolder,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, ...env },
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} failed`);
}

if (projectrtp.missing() === undefined) {
  console.log(`projectrtp ${PROJECTRTP_VERSION} is here already`);
} else {
  mkdirSync(projectrtpFolder, { recursive: true });
  writeFileSync(join(projectrtpFolder, "package.json"), '{ "private": true }\n');
  run("npm", ["install", "--ignore-scripts", `@babblevoice/projectrtp@${PROJECTRTP_VERSION}`]);

  const source = join(projectrtpFolder, "node_modules/@babblevoice/projectrtp");
  const prefix = join(projectrtpFolder, "libilbc");
  const flags = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DCMAKE_POSITION_INDEPENDENT_CODE=ON",
  ];
  const build = join(projectrtpFolder, "libilbc-build");
  run("cmake", ["-S", join(source, "libilbc"), "-B", build, ...flags, `-DCMAKE_INSTALL_PREFIX=${prefix}`]);
  run("cmake", ["--build", build]);
  run("cmake", ["--install", build]);

  // Debian's headers of Node, where there are some; else node-gyp fetches them.
  const headers = existsSync("/usr/include/node/node_api.h") ? { npm_config_nodedir: "/usr" } : {};
  run("npm", ["rebuild"], {
    ...headers,
    CPLUS_INCLUDE_PATH: join(prefix, "include"),
    LIBRARY_PATH: join(prefix, "lib"),
  });
  const reason = projectrtp.missing();
  if (reason !== undefined) throw new Error(reason);
  console.log(`projectrtp ${PROJECTRTP_VERSION} is built`);
}
