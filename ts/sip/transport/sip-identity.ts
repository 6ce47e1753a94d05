import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";

/**
 * Does a certificate speak for the SIP domain or host `name` (RFC 5922 §7.1, §7.2)? Its `sip:` URIs count; where there
 * are none its DNS names, where there is no subjectAltName at all its common name. Wildcards match nothing.
 * @returns what is wrong, or undefined.
 */
export function identityFault(name: string, certificate: Uint8Array): Error | undefined {
  const x509 = new X509Certificate(certificate);
  const uris = sipUris(x509.subjectAltName);
  const wanted = name.toLowerCase();
  const matches =
    uris.length > 0
      ? uris.includes(wanted)
      : isIP(name) === 0
        ? x509.checkHost(name, { subject: "default", wildcards: false }) !== undefined
        : x509.checkIP(name) !== undefined;
  return matches ? undefined : new Error(`the certificate does not speak for ${name}: ${x509.subject}`);
}

/** Domains of the `sip:` URIs without a user part, from Node's text form of subjectAltName; quoted values count for nothing. */
function sipUris(subjectAltName: string | undefined): string[] {
  const names = (subjectAltName ?? "").split(", ");
  return names
    .filter((one) => /^URI:sip:[^"@;?]+$/i.test(one))
    .map((one) => one.slice("URI:sip:".length).toLowerCase());
}
