import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import { createSecureContext, rootCertificates, type SecureContextOptions } from "node:tls";
import { silentLog, type Log } from "../../core/log.js";

export interface TlsFiles {
  /** PEM: our certificate, then those between it and the root. With `key`, for listening and for peers that ask. */
  readonly certificate?: string;
  /** PEM. */
  readonly key?: string;
  /** PEM: who else may sign certificates of peers, besides those the system knows. */
  readonly authorities?: string;
}

/** How often the files are looked at. */
const WATCH_MILLIS = 10_000;

/** Certificate, key and trusted authorities, read from files and read again when these change. */
export class TlsCredentials {
  readonly #files: TlsFiles;
  readonly #log: Log;
  readonly #handlers = new Set<() => void>();
  #current: SecureContextOptions;

  /** Rejects where a file can't be read, or holds no certificate or key, or they don't belong together. */
  static async open(files: TlsFiles, log: Log = silentLog): Promise<TlsCredentials> {
    return new TlsCredentials(files, await read(files), log);
  }

  private constructor(files: TlsFiles, current: SecureContextOptions, log: Log) {
    this.#files = files;
    this.#current = current;
    this.#log = log;
    for (const path of paths(files)) {
      watchFile(path, { interval: WATCH_MILLIS, persistent: false }, this.#changed);
    }
  }

  /** Is there a certificate to listen with? */
  get hasCertificate(): boolean {
    return this.#current.cert !== undefined && this.#current.key !== undefined;
  }

  get forServer(): SecureContextOptions {
    const { cert, key } = this.#current;
    return {
      minVersion: "TLSv1.2",
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    };
  }

  get forClient(): SecureContextOptions {
    const { ca } = this.#current;
    return { ...this.forServer, ...(ca === undefined ? {} : { ca }) };
  }

  /** @returns how to stop. */
  onChange(handler: () => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Reads the files again, for new connections. Rejects where that fails; what was read before stays in force. */
  async reload(): Promise<void> {
    this.#current = await read(this.#files);
    for (const handler of this.#handlers) handler();
  }

  close(): void {
    for (const path of paths(this.#files)) unwatchFile(path, this.#changed);
    this.#handlers.clear();
  }

  readonly #changed = (): void => {
    this.reload().then(
      () => {
        this.#log.info({ files: paths(this.#files) }, "certificate files were read again");
      },
      (error: unknown) => {
        // Often half of a change: the other file follows.
        this.#log.error(
          { err: error },
          "changed certificate files can't be used; the old ones stay in force",
        );
      },
    );
  };
}

const paths = ({ certificate, key, authorities }: TlsFiles): string[] =>
  [certificate, key, authorities].filter((path) => path !== undefined);

async function read({ certificate, key, authorities }: TlsFiles): Promise<SecureContextOptions> {
  const [cert, secret, ca] = await Promise.all(
    [certificate, key, authorities].map((path) =>
      path === undefined ? Promise.resolve(undefined) : readFile(path, "utf8"),
    ),
  );
  const options: SecureContextOptions = {
    ...(cert === undefined ? {} : { cert }),
    ...(secret === undefined ? {} : { key: secret }),
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
  };
  // Throws where they don't fit together, here and not in the next handshake.
  createSecureContext(options);
  return options;
}
