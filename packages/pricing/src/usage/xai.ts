/** xAI: OpenAI's shape. Every response states what it was billed, tools included, in ticks of 1e-10 USD. */
import { type Draft, report } from './draft.ts';
import { openaiLike, readTools } from './openai.ts';
import { get } from './read.ts';
import { reader, type UsageReader } from './shape.ts';

const TICKS_PER_USD = 1e10;

function readBill(draft: Draft, usage: object): void {
  report(draft, get(usage, 'cost_in_usd_ticks'), 'usage.cost_in_usd_ticks', TICKS_PER_USD);
}

/** Chat completions: `completion_tokens` leaves reasoning out. */
export const xaiChat: UsageReader = reader(openaiLike({ reasoning: 'outside', also: readBill }));

/** Responses: reasoning is inside. */
export const xaiResponses: UsageReader = reader(
  openaiLike({
    also: (draft, usage, container) => {
      readTools(draft, usage, container);
      readBill(draft, usage);
    },
  }),
);

/** Images and all else. */
export const xaiBilled: UsageReader = reader(openaiLike({ also: readBill }));
