import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
  /** Text of the certificate, to trust it. */
  readonly pem: string;
}

/**
 * Signs a certificate for a day into `folder`, with `openssl`.
 * @param names values of subjectAltName: `DNS:example.org`, `IP:127.0.0.1`, `URI:sip:example.org`; none: no such extension.
 */
export function makeCertificate(
  folder: string,
  names: readonly string[],
  { file = "own", commonName = "test" } = {},
): CertificateFiles {
  const certificate = join(folder, `${file}.pem`);
  const key = join(folder, `${file}.key`);
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-days", "1", "-subj", `/CN=${commonName}`, "-keyout", key, "-out", certificate],
      ...(names.length === 0 ? [] : ["-addext", `subjectAltName=${names.join(",")}`]),
    ],
    { stdio: "ignore" },
  );
  return { certificate, key, pem: readFileSync(certificate, "utf8") };
}
