/** Which channels of one server hear each other there, by what was asked of it. */
export class ChannelGroups {
  readonly #groups = new Map<string, Set<string>>();

  /** The channel, and all who are in a group with it. */
  of(uuid: string): Iterable<string> {
    return this.#groups.get(uuid) ?? [uuid];
  }

  /** The other joins the group of the first, or the first that of the other. */
  join(one: string, two: string): void {
    if (one === two) return;
    const group = this.#groups.get(two) ?? this.#groups.get(one) ?? new Set<string>();
    for (const uuid of [one, two]) {
      group.add(uuid);
      this.#groups.set(uuid, group);
    }
  }

  /** The last one left of a group is in none any more. */
  leave(uuid: string): void {
    const group = this.#groups.get(uuid);
    if (group === undefined) return;
    group.delete(uuid);
    this.#groups.delete(uuid);
    if (group.size !== 1) return;
    for (const last of group) this.#groups.delete(last);
  }
}
