/** OTTL that says what a span is in the words of the contract, whatever its instrumentation called it. */
import { ATTR, TOKENMETER_ATTR, UNTAGGED } from '@tokenmeter/semconv';
import type { MonitoringModel } from '../model.ts';
import { ATTRIBUTION_SPELLINGS, LEAF_KINDS, LEAF_OPERATIONS, TEXT_SPELLINGS } from './attributes.ts';
import {
  attribute,
  cache,
  fill,
  firstOf,
  isOneOf,
  isSet,
  literal,
  resource,
  type StatementGroup,
  set,
  text,
} from './ottl.ts';

const OPERATION = attribute(ATTR.operationName);
const FEATURE = attribute(TOKENMETER_ATTR.feature);
const OUTCOME = attribute(TOKENMETER_ATTR.outcome);

/** One request to a model. */
export const LEAF_SPAN: string = `${isSet(OPERATION)} and ${isOneOf(OPERATION, LEAF_OPERATIONS)}`;

/** Other spans stay as they are. */
export function normaliseGroups(model: MonitoringModel): readonly StatementGroup[] {
  const kinds = LEAF_KINDS.map(({ key, pattern, operation }) => {
    const is = `${isSet(attribute(key))} and IsMatch(${attribute(key)}, ${text(pattern)})`;
    return { is: `${OPERATION} == nil and ${is}`, operation };
  });
  return [
    {
      conditions: kinds.map(({ is }) => is),
      statements: kinds.map(({ is, operation }) => set(OPERATION, text(operation), is)),
    },
    {
      conditions: [LEAF_SPAN],
      statements: [
        ...TEXT_SPELLINGS.map(([name, others]) => fill(attribute(name), others.map(attribute))),
        ...ATTRIBUTION_SPELLINGS.map(([name, others]) => {
          const sources = [...others.map(attribute), resource(name)];
          if (name !== TOKENMETER_ATTR.feature) return fill(attribute(name), sources);
          return set(FEATURE, firstOf([...sources, text(UNTAGGED)]), `${FEATURE} == nil`);
        }),
        fill(attribute(ATTR.environment), [resource(ATTR.environment), resource('deployment.environment')]),
        set(OUTCOME, '"failed"', `${OUTCOME} == nil and span.status.code == STATUS_CODE_ERROR`),
        set(OUTCOME, '"completed"', `${OUTCOME} == nil`),
      ],
    },
    ...teamGroup(model),
  ];
}

/** Teams of features, of which there may be hundreds: in a map, so that their number costs nothing. */
function teamGroup(model: MonitoringModel): readonly StatementGroup[] {
  const teams = Object.entries(model.features).flatMap(([name, { team }]) => (team ? [[name, text(team)]] : []));
  if (teams.length === 0) return [];
  const target = attribute(TOKENMETER_ATTR.team);
  return [
    {
      shared_cache: true,
      conditions: [`${LEAF_SPAN} and ${target} == nil`],
      statements: [
        set(cache('teams'), literal(Object.fromEntries(teams)), `${cache('teams')} == nil`),
        set(target, `${cache('teams')}[${FEATURE}]`, isSet(`${cache('teams')}[${FEATURE}]`)),
      ],
    },
  ];
}
