import { isRecord, satisfies } from "../core/check";
import type { Problem } from "../core/problem";

/** A Prometheus, or anything that answers in its place, as a program on this machine reaches it. */
export interface PrometheusAddress {
  /** Its address: `https://prometheus.example.no`, `http://127.0.0.1:9090/prometheus`. */
  readonly url: string;
  /** Bearer token, for one behind a login. It goes over https only, or to this machine itself. @default - none */
  readonly token?: string;
  /** Longest time for one answer. Unit: milliseconds. @default 30000 */
  readonly timeout?: number;
}

/** A series of an answer: its labels, without the metric's name, and its value now. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** A number that is one: neither NaN nor infinite. */
  readonly value: number;
}

/** Prometheus gave no answer that one could judge by. Its message holds no token. */
export class PrometheusError extends Error {
  override readonly name: string = "PrometheusError";
}

/** Longest answer that is read. Unit: bytes. */
const longestAnswer = 16 * 1024 * 1024;

const address = satisfies(
  "the address of Prometheus, such as http://127.0.0.1:9090, without a login, a query or a fragment",
  (value) => {
    const url = tryUrl(value);
    if (url === undefined || !/^https?:$/.test(url.protocol)) return false;
    return `${url.username}${url.password}${url.search}${url.hash}` === "";
  },
  () => "A token is given beside it.",
);

/** What is wrong with an address. What it holds is not shown: it may be a login. */
export function prometheusProblems(path: string, url: unknown, token: string | undefined): readonly Problem[] {
  const problems = address(path, url).map(({ message }) => ({ path, message: message.replace(/^got .*?, expected/, "expected") }));
  if (problems.length > 0 || token === undefined) return problems;
  const { protocol, hostname } = new URL(String(url));
  if (protocol === "https:" || /^(?:127\.|localhost$|\[::1\]$)/.test(hostname)) return [];
  return [{ path, message: "a token is sent over https only, or to this machine itself: anybody on the way could read it." }];
}

/**
 * What an expression is now.
 *
 * @throws PrometheusError when there is no answer, or one that is not whole.
 */
export async function instantQuery(server: PrometheusAddress, expression: string): Promise<readonly Sample[]> {
  const text = await answerOf(server, expression);
  return samplesIn(server, text);
}

async function answerOf({ url, token, timeout = 30_000 }: PrometheusAddress, expression: string): Promise<string> {
  try {
    const response = await fetch(`${url.replace(/\/+$/, "")}/api/v1/query`, {
      method: "POST",
      body: new URLSearchParams({ query: expression }),
      headers: { accept: "application/json", ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      // A login page in front of it would be read as its answer.
      redirect: "manual",
      signal: AbortSignal.timeout(timeout),
    });
    return await bodyOf(response, url);
  } catch (error) {
    if (error instanceof PrometheusError) throw error;
    throw new PrometheusError(`${url} does not answer: ${why(error, timeout)}`);
  }
}

async function bodyOf(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > longestAnswer)
      throw new PrometheusError(`${url} answers with more than ${longestAnswer >> 20} MiB. Ask for fewer namespaces.`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  // Of a wrong query it says in the body what is wrong.
  if (response.ok) return text;
  const [said] = textsOf(tryJson(text), "error");
  const login = [301, 302, 303, 307, 308, 401, 403].includes(response.status) ? " It wants a login: give a token." : "";
  throw new PrometheusError(`${url} answers with status ${response.status}${said === undefined ? "" : `: ${said.slice(0, 500)}`}.${login}`);
}

function samplesIn({ url }: PrometheusAddress, text: string): readonly Sample[] {
  const answer = tryJson(text);
  if (!isRecord(answer) || answer.status !== "success" || !isRecord(answer.data))
    throw new PrometheusError(`${url} is no Prometheus: its answer is another's.`);
  const warnings = textsOf(answer, "warnings");
  // Thanos and its like say so when a part of the stores did not answer: what is missing could be the plaintext.
  if (warnings.length > 0) throw new PrometheusError(`${url} answers in part: ${warnings.join("; ").slice(0, 500)}`);
  const { resultType, result } = answer.data;
  if (resultType !== "vector" || !Array.isArray(result)) throw new PrometheusError(`${url} answers with something else than series.`);
  return result.map((series) => {
    const sample = trySample(series);
    if (sample === undefined) throw new PrometheusError(`${url} answers with a series that is none.`);
    return sample;
  });
}

function trySample(series: unknown): Sample | undefined {
  if (!isRecord(series) || !isRecord(series.metric) || !Array.isArray(series.value)) return undefined;
  const labels = Object.entries(series.metric).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const number: unknown = series.value[1];
  const value = typeof number === "string" && number !== "" ? Number(number) : Number.NaN;
  if (labels.length < Object.keys(series.metric).length || !Number.isFinite(value)) return undefined;
  return { labels: Object.fromEntries(labels.filter(([name]) => name !== "__name__")), value };
}

function textsOf(answer: unknown, field: string): readonly string[] {
  const value = isRecord(answer) ? answer[field] : undefined;
  return (Array.isArray(value) ? value : [value]).filter((text) => typeof text === "string");
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function tryUrl(value: unknown): URL | undefined {
  return typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
}

/** The reason below Node's `fetch failed`; a token that cannot be a header stands in Node's own message, so that is not shown. */
function why(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return "for a reason that is none.";
  if (error.name === "TimeoutError") return `not within ${timeout / 1000} s.`;
  const { code } = (error.cause ?? error) as { code?: unknown };
  return typeof code === "string" ? `${code}.` : "the request cannot be sent.";
}
