import type { PortRange } from "../composition/options.js";
import type { SocketAddress } from "../core/socket-address.js";
import type { RunningAllInOne, RunningControl, RunningRtp, RunningSip } from "../mediaswitch.js";
import type { Listener, Protocol } from "../sip/transport/transport.js";

/** What a command that keeps running prints with `--json`, once, when it is up. */
export type RunningJson =
  | {
      readonly running: "start";
      readonly sip: SipJson;
      readonly rtp: RtpJson;
      readonly control?: ControlJson;
    }
  | ({ readonly running: "sip" } & SipJson)
  | ({ readonly running: "rtp" } & RtpJson)
  | ({ readonly running: "control" } & ControlJson);

export interface SipJson {
  readonly url: string;
  readonly listeners: readonly ListenerJson[];
}

export interface ListenerJson {
  readonly protocol: Protocol;
  readonly local: SocketAddress;
  readonly advertised: SocketAddress;
}

export interface RtpJson {
  readonly url: string;
  readonly advertised: string;
  readonly ports: PortRange;
}

/** `url` is absent as long as the script has not called `run()`. */
export interface ControlJson {
  readonly script?: string;
  readonly url?: string;
  readonly rtpServers?: readonly string[];
}

const urlOf = (url: string | undefined): { url?: string } => (url === undefined ? {} : { url });

const socket = ({ address, port }: SocketAddress): SocketAddress => ({ address, port });

const sip = ({ url, listeners }: { url: string; listeners: readonly Listener[] }): SipJson => ({
  url,
  listeners: listeners.map(({ protocol, local, advertised }) => ({
    protocol,
    local: socket(local),
    advertised: socket(advertised),
  })),
});

export const sipJson = (running: RunningSip): RunningJson => ({ running: "sip", ...sip(running) });

export const rtpJson = ({ url, advertised }: RunningRtp, ports: PortRange): RunningJson => ({
  running: "rtp",
  url,
  advertised,
  ports,
});

export const controlJson = (
  { url, rtpServers }: Pick<RunningControl, "url" | "rtpServers">,
  script: string | undefined,
): RunningJson => ({
  running: "control",
  ...(script === undefined ? {} : { script }),
  ...urlOf(url),
  rtpServers,
});

export function allInOneJson(
  running: RunningAllInOne,
  { script, ports }: { readonly script?: string; readonly ports: PortRange },
): RunningJson {
  const { rtp, control } = running;
  return {
    running: "start",
    sip: sip(running.sip),
    rtp: { url: rtp.url, advertised: rtp.advertised, ports },
    ...(control === undefined
      ? {}
      : { control: { ...(script === undefined ? {} : { script }), ...urlOf(control.url) } }),
  };
}
