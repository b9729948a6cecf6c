/** Who the call that starts now is for: all sources of attribution in their order of precedence. */
import { context } from '@opentelemetry/api';
import { ATTRIBUTION_KEYS, type Attribution } from '@tokenmeter/ledger';
import { UNTAGGED } from '@tokenmeter/semconv';
import { baggageTags } from './baggage.ts';
import { type AttributionConfig, hasTeam } from './config.ts';
import { currentScope } from './context.ts';
import { routeTags } from './route.ts';
import { type AttributionInput, NO_TAGS, over, type Tags, tagsOf } from './tags.ts';

/**
 * The attribution of a call, resolved key by key. Highest wins: `explicit` (given with the call) → `with…` context →
 * framework metadata (`framework`, of the call itself, before an enclosing `withFrameworkAttribution`) → incoming
 * baggage → route rule → environment. A feature that nobody named is `untagged`; a team that nobody named is the one
 * that the configuration declares for the feature. Frozen: calls share it. Never throws.
 */
export function currentAttribution(explicit?: AttributionInput, framework?: AttributionInput): Attribution {
  const active = context.active();
  const scope = currentScope(active);
  const route = routeTags(active);
  const baggage = baggageTags(active, scope);
  const resolve = ({ environment, teams }: AttributionConfig): Attribution => {
    const ascending = [route, baggage, scope.framework, tagsOf(framework), scope.code, tagsOf(explicit)];
    let tags = environment;
    for (const top of ascending) tags = over(tags, top, hasTeam);
    return attributionOf(tags, teams);
  };
  const known = baggage === NO_TAGS && explicit === undefined && framework === undefined;
  return known ? scope.attribution(route, resolve) : scope.attributionOnce(resolve);
}

const KNOWN: ReadonlySet<string> = new Set(ATTRIBUTION_KEYS);

function attributionOf(tags: Tags, teams: ReadonlyMap<string, string>): Attribution {
  const known: Record<string, string> = {};
  // Without a prototype, so that no key of the app's means anything.
  let extra: Record<string, string> | undefined;
  for (const key in tags) {
    const value = tags[key] as string;
    if (KNOWN.has(key)) known[key] = value;
    else {
      extra ??= Object.create(null) as Record<string, string>;
      extra[key] = value;
    }
  }
  const feature = tags.feature ?? UNTAGGED;
  const team = tags.team ?? teams.get(feature);
  if (team !== undefined) known.team = team;
  return Object.freeze(
    extra === undefined ? { ...known, feature } : { ...known, feature, extra: Object.freeze({ ...extra }) },
  );
}
