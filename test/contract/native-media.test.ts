import { NativeMediaService } from "../../ts/rtp/native-media-service.js";
import { freePorts } from "../interop/support/ports.js";
import { mediaServiceContract } from "./media-service.contract.js";

/** Two channels of two ports each. */
const PORTS = 4;

mediaServiceContract("native media", async () => {
  const low = await freePorts(PORTS);
  const service = await NativeMediaService.start({
    bind: "127.0.0.1",
    ports: { low, high: low + PORTS - 1 },
  });
  return { service, close: () => service.close() };
});
