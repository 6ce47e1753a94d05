/** Two joined ends that carry plain data in order: `MessagePort` of node:worker_threads, or the like. */
export interface Port {
  postMessage(message: unknown): void;
  on(event: "message", listener: (message: unknown) => void): unknown;
  /** Either end was closed, or its thread has ended. */
  on(event: "close", listener: () => void): unknown;
  close(): void;
}
