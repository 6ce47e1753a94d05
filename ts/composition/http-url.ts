/** The base URL of somebody at this host or address. */
export function httpUrl(where: {
  readonly host?: string;
  readonly address?: string;
  readonly port: number;
}): string {
  const host = where.host ?? where.address ?? "";
  return `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${String(where.port)}`;
}
