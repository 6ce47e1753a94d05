/** Who is registered, as the page shows it. */
import { z } from "zod";
import type { SipService } from "../../sip/sip-service.js";
import { NOTHING, route, type Route } from "../route-table.js";

const MOST = 500;

const query = z.strictObject({
  search: z
    .string()
    .max(256)
    .default("")
    .describe("part of a user, an address or the name of a phone's make"),
  limit: z.coerce.number().int().min(1).max(MOST).default(200),
});

const reply = z.object({
  domains: z.array(z.object({ domain: z.string(), users: z.int(), registered: z.int() })),
  phones: z.array(
    z.object({
      domain: z.string(),
      user: z.string(),
      host: z.string(),
      port: z.int(),
      agent: z.string().exactOptional(),
      contact: z.string(),
      expires: z.number().describe("seconds"),
      since: z.number().describe("milliseconds since 1970"),
      unanswered: z.int().describe("pings that have not been answered"),
    }),
  ),
  more: z.int().describe("those found that are not told"),
});

type Phones = z.output<typeof reply>;

export const phonesRoute = (sip: SipService): Route =>
  route(
    { summary: "Registered phones, one row for each binding", body: NOTHING, query, reply },
    async ({ query: { search, limit } }) => {
      const { domains = [] } = await sip.execute({ type: "directory.get" });
      const all: Phones["phones"] = [];
      const counts: Phones["domains"] = [];
      for (const domain of domains) {
        const { count, registered, users } = await sip.execute({ type: "registrations.domain", domain });
        counts.push({ domain, users: count, registered });
        for (const [user, registration] of Object.entries(users)) {
          if (!registration.registered) continue;
          const { bindings, remote, epochs, outstandingping } = registration;
          for (const { contact, host, port, expires } of bindings) {
            all.push({
              ...{ domain, user, host, port, contact, expires },
              ...(remote.agent !== undefined && { agent: remote.agent }),
              since: epochs.registered * 1000,
              unanswered: outstandingping,
            });
          }
        }
      }
      const wanted = search.toLowerCase();
      const found = all.filter(({ user, domain, host, agent = "" }) =>
        `${user}@${domain} ${host} ${agent}`.toLowerCase().includes(wanted),
      );
      return { domains: counts, phones: found.slice(0, limit), more: Math.max(0, found.length - limit) };
    },
  );
