import {
  mediaAtHome,
  mediaBehindDoor,
  mediaOverHttp,
  sipAtHome,
  sipBehindDoor,
  sipOverHttp,
} from "./homes.js";
import { mediaServiceContract } from "./media-service.contract.js";
import { sipServiceContract } from "./sip-service.contract.js";

sipServiceContract("fake sip", sipAtHome);
sipServiceContract("sip behind a door", sipBehindDoor);
sipServiceContract("sip over HTTP", sipOverHttp);

mediaServiceContract("fake media", mediaAtHome);
mediaServiceContract("media behind a door", mediaBehindDoor);
mediaServiceContract("media over HTTP", mediaOverHttp);
