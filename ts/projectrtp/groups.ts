/** Who is mixed with whom, known at once: the engine's own groups are told of only later. */
export class Groups<Member> {
  readonly #groups = new Map<Member, Set<Member>>();

  /** False: each is in a group with others. */
  join(one: Member, other: Member): boolean {
    const [first, second] = [this.#groups.get(one), this.#groups.get(other)];
    if (first !== undefined && second !== undefined) return first === second;
    const group = first ?? second ?? new Set<Member>();
    for (const member of [one, other]) {
      group.add(member);
      this.#groups.set(member, group);
    }
    return true;
  }

  /** One that is left alone is in no group. */
  leave(member: Member): void {
    const group = this.#groups.get(member);
    if (group === undefined) return;
    this.#groups.delete(member);
    group.delete(member);
    const [last] = group;
    if (group.size === 1 && last !== undefined) this.#groups.delete(last);
  }

  areTogether(one: Member, other: Member): boolean {
    const group = this.#groups.get(one);
    return group !== undefined && group === this.#groups.get(other);
  }

  isIn(member: Member): boolean {
    return this.#groups.has(member);
  }
}
