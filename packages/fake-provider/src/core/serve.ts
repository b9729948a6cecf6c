/** One attempt from its plan to its last byte. */
import type { ServerResponse } from 'node:http';
import { type Answer, type ApiRequest, Refusal, type Route, type Wire } from './exchange.ts';
import { answerJson } from './http.ts';
import type { OpenEntry, ServedOutcome } from './served.ts';
import { disconnect, hang, pause, sendStream, sendWhole } from './transport.ts';

/** What belongs to an attempt. */
export interface Attempt {
  readonly wire: Wire;
  readonly route: Route;
  readonly request: ApiRequest;
  readonly response: ServerResponse;
  readonly entry: OpenEntry;
}

/** Answers the attempt as its plan says, and writes into its entry what was sent. */
export async function serve(attempt: Attempt): Promise<Exclude<ServedOutcome, 'open'>> {
  const { request, response, entry, route } = attempt;
  const { plan } = request;
  if (plan.latencyMs && !(await pause(response, plan.latencyMs))) return 'canceled';
  const { fault } = plan;
  if (fault?.kind === 'hang' && fault.after === undefined) return hang(response);
  if (fault?.kind === 'disconnect' && fault.after === undefined) return disconnect(response);
  try {
    if (fault?.kind === 'status') throw new Refusal(fault.status, { code: fault.code, retryAfter: fault.retryAfter });
    const answer = route.answer(request);
    note(entry, answer);
    return await send(attempt, answer);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refuse(attempt, error);
  }
}

function note(entry: OpenEntry, answer: Answer): void {
  entry.responseId = answer.responseId;
  entry.serviceTier = answer.serviceTier;
  entry.usage = answer.usage;
  entry.consumed = answer.consumed;
  entry.stream = answer.frames !== undefined;
}

function send(attempt: Attempt, answer: Answer): Promise<Exclude<ServedOutcome, 'open'>> {
  const { wire, route, request, response, entry } = attempt;
  const context = { model: entry.responseModel ?? '', requestId: entry.requestId };
  const sending = {
    response,
    answer,
    plan: request.plan,
    entry,
    headers: { ...headersOf(attempt, undefined), ...answer.headers },
    errorFrame: (sent: number) => wire.errorFrame(route.operation, sent, context),
  };
  return answer.frames ? sendStream(sending, answer.frames) : sendWhole(sending);
}

function refuse(attempt: Attempt, refusal: Refusal): 'refused' | 'canceled' {
  const { wire, response, entry } = attempt;
  if (response.destroyed) return 'canceled';
  entry.status = refusal.status;
  const body = wire.errorBody(refusal, { model: entry.requestModel ?? '', requestId: entry.requestId });
  const retryAfter: Record<string, string> =
    refusal.retryAfter === undefined ? {} : { 'retry-after': String(refusal.retryAfter) };
  answerJson(response, refusal.status, body, { ...headersOf(attempt, refusal), ...retryAfter });
  return 'refused';
}

function headersOf({ wire, request, entry }: Attempt, refusal: Refusal | undefined): Readonly<Record<string, string>> {
  return { [wire.requestIdHeader]: entry.requestId, ...wire.headers(request.random, request.now, refusal) };
}
