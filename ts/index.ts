export { projectcontrol } from "./projectcontrol.js";
export { MediaswitchError, type ErrorCode } from "./core/errors.js";
export type { Call, CallListener } from "./control/call.js";
export type { NewCallRequest } from "./control/new-call-request.js";
export type { ProjectControl } from "./control/projectcontrol.js";
export type { CodecName } from "./sdp/payload-types.js";
export type { CallInfo, CallerId, DirectoryUser, Registration } from "./sip/sip-service.js";
