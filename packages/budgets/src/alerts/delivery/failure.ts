/** Why something was not taken, in words that give no secret away. */

/** What the failures of a channel may never show. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const hidden = [...new Set(secrets.flatMap(spellings))].filter((secret) => secret.length >= 4);
  hidden.sort((a, b) => b.length - a.length);
  return (text) => hidden.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
}

/** As it is, as a URL writes it, and the part of a URL that is the secret. */
function spellings(secret: string): string[] {
  const url = URL.parse(secret);
  if (!url) return [secret, encodeURIComponent(secret)];
  const path = `${url.pathname}${url.search}`;
  return [secret, url.href, path, decoded(path), decoded(url.password)].filter((text) => text !== '/' && text !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'closed the connection',
  ENOTFOUND: 'is not known to DNS',
  EAI_AGAIN: 'could not be looked up in DNS',
  ETIMEDOUT: 'did not answer in time',
};

/** Why there was no answer, as the end of a sentence that begins with the host. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `failed: ${String(error)}`;
  const code = 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? `failed: ${error.message || code}`;
}
