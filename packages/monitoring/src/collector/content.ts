/**
 * What prompts, answers and tool data are called, in OpenTelemetry's generations and in other instrumentations. The
 * collector deletes them on every signal: cost needs none of it.
 */
import type { StatementGroup } from './ottl.ts';

/** Keys, as regular expressions without anchors; each stands for the key and for everything below it (`key.0.content`). */
const CONTENT_KEYS: readonly string[] = [
  // OpenTelemetry, all generations, and OpenLIT
  'gen_ai\\.(input|output)\\.messages',
  'gen_ai\\.(system_instructions|system\\.message|user\\.message|assistant\\.message|tool\\.message|choice)',
  'gen_ai\\.tool\\.(definitions|description|call\\.(arguments|result)|message|input|output|args)',
  'gen_ai\\.retrieval\\.(query\\.text|documents)',
  'gen_ai\\.memory\\.(query\\.text|records)',
  'gen_ai\\.prompt(_json|\\.variable|\\.[0-9]+)?',
  'gen_ai\\.completion(_json)?',
  'gen_ai\\.(content|request\\.messages|response\\.(text|messages|tool_calls)|event\\.content|input|output|reasoning)',
  // OpenInference
  'llm\\.(prompts?|completions?|input_messages|output_messages|prompt_template|function_call|tools|invocation_parameters|choices)',
  '(input|output)(\\.(value|mime_type))?',
  '(retrieval|reranker)\\.(documents|input_documents|output_documents|query)',
  'embedding\\.(text|vector|embeddings)',
  'document\\.(content|metadata)',
  'message(s)?(\\.content.*)?',
  'tool(_call)?\\.(parameters|arguments|output|result|description|json_schema|function\\.arguments)',
  // OpenLLMetry
  'llm\\.request\\.functions',
  'traceloop\\.(entity\\.(input|output)|prompt\\..*)',
  // AI SDK
  'ai\\.(prompt|value|values|embedding|embeddings|result|toolCall\\.(args|result|input|output))',
  'ai\\.response\\.(text|object|toolCalls|reasoning|reasoningText|files|sources|msg|output)',
  'ai\\.(request|response)\\.(body|headers)',
  // Langfuse, LangSmith, Logfire, MLflow and what HTTP instrumentations can be told to keep
  'langfuse\\.(trace|observation)\\.(input|output)',
  'langsmith\\.(inputs|outputs)',
  '(request_data|response_data|all_messages_events|all_messages|pydantic_ai\\.all_messages|final_result|model_request_parameters|tool_arguments|tool_response|events)',
  'mlflow\\.(spanInputs|spanOutputs)',
  'http\\.(request|response)\\.body(\\..*)?',
  '(prompt|completion|content|body|text|query\\.text)',
];

/** What errors quote: the request, or what the model wrote. */
const ERROR_KEYS: readonly string[] = ['exception\\.(message|stacktrace)', 'error\\.message'];

const pattern = (keys: readonly string[]): string =>
  `^(${keys.join('|')})(\\.[0-9]+.*|\\.content.*|\\..*)?$`.replaceAll('\\', '\\\\');

const ALL = pattern([...CONTENT_KEYS, ...ERROR_KEYS]);

/** A span, event or log of an LLM call, by any instrumentation. */
const OF_A_CALL = '^(gen_ai|llm|ai|openinference|traceloop|langfuse|langsmith|tokenmeter)\\\\.';
const KEYS_OF_CALLS: readonly string[] = [
  'gen_ai.operation.name',
  'gen_ai.system',
  'gen_ai.provider.name',
  'gen_ai.request.model',
  'openinference.span.kind',
  'llm.request.type',
  'traceloop.span.kind',
  'ai.operationId',
  'ai.model.id',
];
const isCall = (path: string): string => KEYS_OF_CALLS.map((key) => `${path}.attributes["${key}"] != nil`).join(' or ');

// One group for each context: in one list all would take the lowest, and spans without events keep their content.
const SPAN_KEYS = `delete_matching_keys(span.attributes, "${ALL}")`;

export const STRIP_SPANS: readonly StatementGroup[] = [
  { conditions: [isCall('span')], statements: [SPAN_KEYS, 'set(span.status.message, "")'] },
  { conditions: [isCall('span')], statements: [`delete_matching_keys(spanevent.attributes, "${ALL}")`] },
];

export const STRIP_LOGS: readonly StatementGroup[] = [
  {
    conditions: [
      `IsMatch(log.event_name, "${OF_A_CALL}")`,
      `log.attributes["event.name"] != nil and IsMatch(log.attributes["event.name"], "${OF_A_CALL}")`,
      isCall('log'),
    ],
    statements: [`delete_matching_keys(log.attributes, "${ALL}")`, 'set(log.body, "")'],
  },
];
