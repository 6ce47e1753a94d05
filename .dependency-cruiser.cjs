/**
 * Who may import whom under ts/. Run on planted faults by test/tools/layer-rules.test.ts.
 *
 * @param {string} layer a folder of ts/
 * @param {...string} allowed regular expressions, relative to ts/, of what else it may import
 */
const only = (layer, ...allowed) => ({
  name: `${layer}-stays-in-its-layer`,
  severity: "error",
  from: { path: `^ts/${layer}/` },
  to: { path: "^ts/", pathNot: [`^ts/${layer}/`, ...allowed.map((path) => `^ts/${path}`)] },
});

/** npm packages that only the named files may import. */
const packageOnlyFrom = (name, from) => ({
  name: `package-${name}-has-one-home`,
  severity: "error",
  from: { path: "^ts/", pathNot: from },
  to: { path: `node_modules/${name}/` },
});

const SIP_INTERFACE = "sip/sip-service\\.ts$";
const MEDIA_INTERFACE = "rtp/media-service\\.ts$";
const CORE = "core/";

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: { path: "^ts/" }, to: { circular: true } },
    { name: "no-missing-files", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "ts-never-imports-tests",
      severity: "error",
      from: { path: "^ts/" },
      to: { path: "^(test|examples|bench|tools)/" },
    },
    {
      name: "the-testing-kit-is-for-tests",
      severity: "error",
      from: { path: "^ts/", pathNot: "^ts/testing/" },
      to: { path: "^ts/testing/" },
    },
    only("core"),
    only("sdp", CORE),
    only("sip", CORE),
    only("rtp", CORE),
    only("control", CORE, "sdp/", SIP_INTERFACE, MEDIA_INTERFACE),
    only(
      "trace",
      CORE,
      "sdp/",
      "control/",
      MEDIA_INTERFACE,
      "sip/hep/hep3\\.ts$",
      "sip/message/binary\\.ts$",
      "sip/transport/transport\\.ts$",
    ),
    only("projectrtp", CORE, "rtp/"),
    only("phone", CORE, "sdp/", "sip/", "rtp/", "control/codecs\\.ts$", "(app|mediaswitch)\\.ts$"),
    only("http", CORE, "sdp/", "control/", SIP_INTERFACE, MEDIA_INTERFACE),
    {
      name: "only-composition-roots-know-concrete-classes",
      severity: "error",
      from: { path: "^ts/[^/]+\\.ts$", pathNot: "^ts/(mediaswitch|projectcontrol|cli)\\.ts$" },
      to: { path: "^ts/(sip|rtp|http)/", pathNot: [`^ts/${SIP_INTERFACE}`, `^ts/${MEDIA_INTERFACE}`] },
    },
    packageOnlyFrom("sip", "^ts/cli/check-phone\\.ts$"),
    packageOnlyFrom("express", "^ts/http/"),
    packageOnlyFrom("undici", "^ts/http/"),
    packageOnlyFrom("node-gyp-build", "^ts/core/native-addon\\.ts$"),
    packageOnlyFrom("ws", "^ts/(sip/transport/(listen-pipes|web-socket-pipe)|http/v1/event-streams)\\.ts$"),
    packageOnlyFrom("commander", "^ts/cli(\\.ts$|/)"),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["types", "import", "node", "default"],
      mainFields: ["types", "main"],
      extensions: [".ts", ".js", ".d.ts", ".json"],
    },
  },
};
