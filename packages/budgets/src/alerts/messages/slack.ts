/** An alert as the body of a Slack incoming webhook: blocks, and the same as text for notifications. */
import type { Alert, EdgeState } from '../types.ts';
import { type Fact, facts, line, sharedFacts, title } from './text.ts';

export interface SlackBody {
  /** Shown in notifications, and by clients without blocks. */
  readonly text: string;
  readonly blocks: readonly object[];
}

const EMOJI: Readonly<Record<EdgeState, string>> = {
  WARN: ':warning:',
  OVER: ':rotating_light:',
  RESET: ':white_check_mark:',
};

/** Slack's bound for the text of a section. */
const MOST_CHARACTERS = 3000;

export function slackBody(alert: Alert): SlackBody {
  const [first] = alert.edges;
  const state = alert.edges.find((edge) => edge.state === 'OVER')?.state ?? first.state;
  const head = `${EMOJI[state]} ${escaped(title(alert))}`;
  const lines = alert.total === 1 ? [] : alert.edges.map((edge) => `• ${escaped(line(edge))}`);
  const more = (alert.total === 1 ? facts(first) : sharedFacts(alert)).map(factText);
  return {
    text: head,
    blocks: [section(`*${head}*`), ...sections([...lines, ...more])],
  };
}

function factText([label, value]: Fact): string {
  return `*${label}:* ${label === 'Owner' ? mention(value) : escaped(value)}`;
}

/** An owner may be written as Slack's own mention, e.g. `<@U024BE7LH>` or `<!subteam^S012>`; it comes from the configuration. */
function mention(owner: string): string {
  return /^<[@!#][^<>]+>$/.test(owner) ? owner : escaped(owner);
}

/** As Slack asks for; so that no tenant's name becomes a mention of the whole channel. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Lines in as few sections as hold them. */
function sections(lines: readonly string[]): object[] {
  const texts: string[] = [];
  for (const next of lines.map(shortened)) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + next.length < MOST_CHARACTERS) texts[texts.length - 1] = `${last}\n${next}`;
    else texts.push(next);
  }
  return texts.map(section);
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text: shortened(text) } };
}

function shortened(text: string): string {
  return text.length < MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 2)}…`;
}
