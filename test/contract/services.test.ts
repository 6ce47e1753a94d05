import {
  mediaAtHome,
  mediaBehindDoor,
  mediaOverHttp,
  sipAtHome,
  sipBehindDoor,
  sipOverHttp,
} from "./homes.js";
import { localSip } from "./local-sip-home.js";
import { mediaServiceContract } from "./media-service.contract.js";
import { sipServiceContract } from "./sip-service.contract.js";

sipServiceContract("local sip", localSip);
sipServiceContract("fake sip", sipAtHome);
sipServiceContract("sip behind a door", sipBehindDoor);
sipServiceContract("sip over HTTP", sipOverHttp);

mediaServiceContract("fake media", mediaAtHome);
mediaServiceContract("media behind a door", mediaBehindDoor);
mediaServiceContract("media over HTTP", mediaOverHttp);
