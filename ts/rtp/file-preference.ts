import type { AudioFormat } from "./media-service.js";
import type { SoundFileKey } from "./sound-soup.js";

/**
 * Which coding of a sound a channel plays, best first: its own, then what costs least to change into it without
 * losing more than has to be.
 */
export const FILE_PREFERENCE: Readonly<Record<AudioFormat, readonly SoundFileKey[]>> = {
  PCMU: ["pcmu", "pcma", "l168k", "l1616k", "ilbc", "g722", "wav"],
  PCMA: ["pcma", "pcmu", "l168k", "l1616k", "ilbc", "g722", "wav"],
  G722: ["g722", "l1616k", "l168k", "pcma", "pcmu", "ilbc", "wav"],
  "iLBC/20": ["ilbc", "l168k", "pcma", "pcmu", "l1616k", "g722", "wav"],
  "iLBC/30": ["ilbc", "l168k", "pcma", "pcmu", "l1616k", "g722", "wav"],
  "L16/8000": ["l168k", "pcma", "pcmu", "l1616k", "ilbc", "g722", "wav"],
  "L16/16000": ["l1616k", "g722", "l168k", "pcma", "pcmu", "ilbc", "wav"],
};

/** How the file under a key is coded where it has no WAV header to say so. */
export const CODING: Readonly<Record<SoundFileKey, "wav" | AudioFormat>> = {
  wav: "wav",
  pcma: "PCMA",
  pcmu: "PCMU",
  l168k: "L16/8000",
  l1616k: "L16/16000",
  ilbc: "iLBC/20",
  g722: "G722",
};
