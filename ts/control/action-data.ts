/** What goes with an action; `sdp` is text, or the JSON form. */
export interface ActionData {
  readonly sdp?: string | object;
  readonly alertinfo?: string;
  readonly code?: number;
  readonly reason?: string;
}
