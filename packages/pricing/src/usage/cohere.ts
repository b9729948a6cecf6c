import { amountOf, meterAt } from './draft.ts';
import { addend, field, group, INCLUSIVE, places, reader, type UsageReader } from './shape.ts';

/**
 * Cohere, v1 and v2: chat, embed, rerank, classify; the event `message-end` or `stream-end` of a stream. The invoice is
 * `billed_units`; `tokens` counts the template too and is read only where nothing was billed. Images are counted only for
 * models that do not bill them as tokens.
 */
export const cohereUsage: UsageReader = reader({
  ...INCLUSIVE,
  containers: places('', 'delta', 'response'),
  usage: places('usage', 'meta'),
  fields: [],
  groups: [
    group(
      ['billed_units', 'tokens'],
      [
        field('input', 'input_tokens'),
        addend('input', 'image_tokens'),
        field('imageInput', 'image_tokens'),
        field('output', 'output_tokens'),
        field('searchUnits', 'search_units'),
        field('images', 'images'),
        field('pages', 'pages'),
      ],
    ),
  ],
  also: (draft) => {
    if (amountOf(draft, meterAt('imageInput')) !== undefined) draft.amounts[meterAt('images')] = Number.NaN;
  },
});
