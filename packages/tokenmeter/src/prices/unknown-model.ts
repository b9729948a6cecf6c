/** `prices.onUnknownModel`: refuse calls of models without a price, say once per model that it has none, or neither. */
import type { Admission, Sink } from '@tokenmeter/instrumentation';
import { type Pricer, refuseUnknownModels } from '@tokenmeter/pricing';
import type { UnknownModelPolicy } from '../config/types.ts';

export interface UnknownModels {
  readonly admission?: Admission;
  readonly sink?: Sink;
}

/** Model names may come from user input: they must not fill the memory. */
const MAX_MODELS = 1000;

/** `warn` is what holds where the policy is not set. */
export function createUnknownModels(
  policy: UnknownModelPolicy | undefined,
  pricer: Pick<Pricer, 'knows'>,
  onWarning: (message: string) => void,
): UnknownModels {
  if (policy === 'ignore') return {};
  if (policy === 'throw') return { admission: refuseUnknownModels(pricer) };
  const named = new Set<string>();
  return {
    // After the call: only then it is known which model answered, and whether the provider stated the cost itself.
    sink({ cost, provider, requestModel, responseModel }) {
      const model = responseModel ?? requestModel;
      if (cost.status !== 'unpriced' || model === undefined || named.size >= MAX_MODELS) return;
      const key = `${provider} ${model}`;
      if (named.has(key)) return;
      named.add(key);
      const meters = cost.flags.filter((flag) => flag.startsWith('unpriced:')).map((flag) => flag.slice(9));
      const what = meters.length === 0 ? 'has no price' : `has no price for ${meters.join(', ')}`;
      onWarning(
        `the model "${model}" of ${provider} ${what}: its calls are counted as unpriced. Give it one under prices.overrides or prices.aliases in tokenmeter.yaml; tokenmeter prices explain shows what was looked for`,
      );
    },
  };
}
