/**
 * Simulated people: what each of them likes.
 *
 * A person has three to six interests at once, some of them shared with a community (music scenes,
 * reading groups) and some of their own, and the taste for a work is that of the interest that fits
 * it best: taste is multi-modal (Weston, Weiss and Yee 2013, "Nonlinear latent factorization by
 * embedding multiple user interests", section 2). The learner never sees any of this.
 */
import { countsOf } from "./catalogue.ts";
import type { Work } from "./catalogue.ts";
import type { Random } from "./random.ts";

/** Parameters of taste; chosen here, no measurement behind them unless one is named. */
export const TASTE = {
  communities: 30,
  interestsPerCommunity: 2,
  /** Community r has the weight 1 / r^s. */
  communitySkew: 0.7,
  secondCommunity: 0.35,
  ownInterests: [1, 2],
  /** What an interest holds on to, beyond its themes: shares of interests. */
  oneKind: 0.35,
  twoKinds: 0.25,
  category: 0.45,
  maker: 0.3,
  era: 0.35,
  country: 0.2,
  /** Fit of a work of another kind, country or time, as a share of the fit it would have. */
  otherKind: 0.3,
  otherCountry: 0.6,
  otherEra: 0.5,
  eraYears: 25,
  categoryFit: 0.4,
  makerFit: 0.6,
  maxFit: 1.5,
  /** Share of interests that awaken within the simulated time. */
  awakening: 0.25,
  kindAffinityDeviation: 0.5,
  opennessDeviation: 0.5,
} as const;

export interface Interest {
  /** Weight by theme; they sum to 1. */
  readonly themes: ReadonlyMap<string, number>;
  /** null: any. */
  readonly kinds: ReadonlySet<string> | null;
  readonly category: string | null;
  readonly maker: string | null;
  readonly country: string | null;
  readonly year: number | null;
}

export interface Person {
  readonly id: string;
  readonly interests: readonly { readonly interest: Interest; readonly strength: number; readonly fromDay: number }[];
  /** Added to the appeal of each work of the kind. */
  readonly kindAffinity: ReadonlyMap<string, number>;
  /** Added to the appeal of every work. */
  readonly openness: number;
  /** Visits within the simulated time. */
  readonly sessions: number;
  /** Euros to spend in 30 days. */
  readonly credit: number;
}

/** Fits of an interest to all works, worked out once for all who share it. */
export class Fits {
  readonly #works: readonly Work[];
  readonly #fits = new Map<Interest, Float32Array>();

  constructor(works: readonly Work[]) {
    this.#works = works;
  }

  /** shape [N], 0 to `maxFit` */
  of(interest: Interest): Float32Array {
    const known = this.#fits.get(interest);
    if (known) return known;
    const fits = Float32Array.from(this.#works, (work) => fit(interest, work));
    this.#fits.set(interest, fits);
    return fits;
  }
}

function fit(interest: Interest, work: Work): number {
  let shared = 0;
  for (const theme of work.themes) shared += interest.themes.get(theme) ?? 0;
  if (work.category === interest.category) shared += TASTE.categoryFit;
  if (work.maker === interest.maker) shared += TASTE.makerFit;
  if (interest.kinds !== null && !interest.kinds.has(work.kind)) shared *= TASTE.otherKind;
  if (interest.country !== null && work.country !== interest.country) shared *= TASTE.otherCountry;
  if (interest.year !== null) {
    const distance = (work.year - interest.year) / TASTE.eraYears;
    shared *= TASTE.otherEra + (1 - TASTE.otherEra) * Math.exp(-distance * distance);
  }
  return Math.min(shared, TASTE.maxFit);
}

/** @param meanSessions of a person, log-normal with `activityDeviation` */
export function people(
  count: number,
  days: number,
  works: readonly Work[],
  random: Random,
  { meanSessions, activityDeviation }: { meanSessions: number; activityDeviation: number },
): Person[] {
  const kinds = [...new Set(works.map(({ kind }) => kind))];
  const worksOf = countsOf(works.map(({ maker }) => maker));
  const themeCounts = countsOf(works.flatMap(({ themes }) => themes));

  /** An interest is always one that some work meets: it is drawn around one. */
  const interestAround = (work: Work): Interest => {
    const themes = work.themes.toSorted((a, b) => themeCounts.get(a)! - themeCounts.get(b)! || (a < b ? -1 : 1));
    // The rarest theme says most about a work; one or two others go with it.
    const kept = [themes[0]!, ...themes.slice(1).filter(() => random.chance(0.6))].slice(0, 3);
    const weights = kept.map(
      (theme) => Math.log(1 + works.length / themeCounts.get(theme)!) * random.between(0.6, 1.4),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const scope = random.uniform();
    const others = scope < TASTE.oneKind ? [] : [random.pick(kinds)];
    return {
      themes: new Map(kept.map((theme, n) => [theme, weights[n]! / total])),
      kinds: scope < TASTE.oneKind + TASTE.twoKinds ? new Set([work.kind, ...others]) : null,
      category: random.chance(TASTE.category) ? work.category : null,
      maker: random.chance(TASTE.maker) && worksOf.get(work.maker)! > 1 ? work.maker : null,
      country: random.chance(TASTE.country) ? work.country : null,
      year: random.chance(TASTE.era) ? work.year : null,
    };
  };
  const communities = Array.from({ length: TASTE.communities }, () =>
    Array.from({ length: TASTE.interestsPerCommunity }, () => interestAround(random.pick(works))),
  );
  const communityWeights = communities.map((_, r) => (r + 1) ** -TASTE.communitySkew);
  const digits = String(count).length;

  return Array.from({ length: count }, (_, n) => {
    const joined = new Set([random.weighted(communityWeights)]);
    if (random.chance(TASTE.secondCommunity)) joined.add(random.weighted(communityWeights));
    const own = Array.from({ length: random.integer(...TASTE.ownInterests) }, () => interestAround(random.pick(works)));
    const interests = [...[...joined].flatMap((community) => communities[community]!), ...own];
    const sessions = meanSessions * Math.exp(activityDeviation * random.normal() - activityDeviation ** 2 / 2);
    return {
      id: `p${String(n + 1).padStart(digits, "0")}`,
      interests: interests.map((interest, place) => ({
        interest,
        strength: random.between(0.75, 1.15),
        fromDay: place > 0 && random.chance(TASTE.awakening) ? random.between(0, days * 0.8) : 0,
      })),
      kindAffinity: new Map(kinds.map((kind) => [kind, TASTE.kindAffinityDeviation * random.normal()])),
      openness: TASTE.opennessDeviation * random.normal(),
      sessions: Math.max(2, Math.round(sessions)),
      credit: Math.round(45 * Math.exp(0.5 * random.normal())),
    };
  });
}
