export { app } from "./app.js";
export { projectcontrol } from "./projectcontrol.js";
export { projectqueue } from "./projectqueue.js";
export { MediaswitchError, type ErrorCode } from "./core/errors.js";
export { verifyWebhook, type ReceivedWebhook, type VerifiedWebhook } from "./core/webhook-signature.js";
export type { CallCause, HangupReason, HangupStatus } from "./control/causes.js";
export type { CallDetailRecord, LegRecord } from "./control/record/call-detail-record.js";
export { App, type AppOptions, type CallHandler } from "./control/app/app.js";
export { CallEnded, type CallEnding } from "./control/app/call-ended.js";
export type { ActiveCall } from "./control/app/active-call.js";
export type { AllowRule, OutsideTarget } from "./control/app/allowed-targets.js";
export type { AppEvent } from "./control/app/app-event.js";
export type {
  CallerIdentity,
  DialAttempt,
  DialFailure,
  DialOptions,
  DialResult,
  DialTarget,
  Target,
} from "./control/app/dial-options.js";
export type { AudioSink, AudioSource, LiveAudio, LiveAudioOptions } from "./control/app/live-audio.js";
export type { Conference } from "./control/services/conference/rooms.js";
export type { RoomRecording } from "./control/services/conference/room.js";
export type {
  ConferenceEvent,
  ConferenceMember,
  ConferenceOptions,
  ConferenceResult,
  ConferenceSettings,
  PinPrompt,
} from "./control/services/conference/conference-options.js";
export type { Queue, QueueAgent } from "./control/services/queue/queues.js";
export type {
  AgentInfo,
  AgentOptions,
  CallerPlace,
  QueueCallOptions,
  QueueEvent,
  QueueResult,
  QueueSettings,
  QueueStatistics,
  QueueStrategy,
} from "./control/services/queue/queue-options.js";
export type { ParkingLot } from "./control/services/park/parking.js";
export type {
  ParkedCall,
  ParkEvent,
  ParkingSettings,
  ParkOptions,
  ParkResult,
  PickedUp,
  PickupFrom,
  PickupResult,
} from "./control/services/park/park-options.js";
export type {
  Supervision,
  SupervisionEnd,
  SupervisionMode,
} from "./control/services/supervision/supervision-options.js";
export { FileMailboxStore, type MailboxFiles } from "./control/services/voicemail/file-mailbox-store.js";
export type { MailboxName, MailboxStore, VoiceMessage } from "./control/services/voicemail/mailbox-store.js";
export type {
  MailboxKeys,
  MailboxOptions,
  MailboxPrompts,
  MailboxResult,
  MailboxSettings,
  VoicemailOptions,
  VoicemailResult,
} from "./control/services/voicemail/voicemail-options.js";
export { FolderFiles } from "./composition/folder-files.js";
export type { Sound, SoundOptions, Sounds } from "./control/app/sound.js";
export type {
  Abortable,
  ActiveCallEvent,
  BridgeOptions,
  BridgeResult,
  CallTimer,
  GatherEnd,
  GatherOptions,
  GatherResult,
  HoldOptions,
  HoldResult,
  KeyPress,
  PlayEnd,
  PlayOptions,
  PlayResult,
  Recording,
  RecordingEnd,
  RecordingResult,
  RecordOptions,
  RingOptions,
  SayDigitsOptions,
  SendKeysOptions,
  Snippets,
} from "./control/app/verb-options.js";
export type { Call, CallListener } from "./control/call.js";
export type { CallEvent } from "./control/call-event.js";
export type { TransferRequest, TransferRule } from "./control/transfer/transfer-rule.js";
export type { NewCallRequest } from "./control/new-call-request.js";
export type { ProjectControl } from "./control/projectcontrol.js";
export type { CodecName } from "./sdp/payload-types.js";
export type { CallInfo, CallerId, DirectoryUser, Registration } from "./sip/sip-service.js";
export type { CallQueue, CallQueues } from "./control/queue-of-calls.js";
export type { QueuePlace } from "./control/queue-place.js";
export type { CallMessage } from "./control/call.js";
export type { ForwardGateway } from "./control/forward.js";
export type { HttpHandler } from "./control/http-handlers.js";
