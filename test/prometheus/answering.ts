import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A series as Prometheus answers it. */
export type Series = readonly [labels: Readonly<Record<string, string>>, value: number | string];

/** A double of Prometheus' HTTP interface on this machine. */
export interface AnsweringServer {
  readonly url: string;
  /** What it was asked, in order. */
  readonly asked: readonly { readonly query: string; readonly authorization: string | undefined }[];
  close(): void;
}

/** Starts a double that answers each query with series. */
export function answering(series: (query: string) => readonly Series[]): Promise<AnsweringServer> {
  return serving((query, response) => {
    const result = series(query).map(([metric, value]) => ({ metric, value: [0, `${value}`] }));
    response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
  });
}

/** Starts a double that answers each query as it is told. */
export async function serving(answer: (query: string, response: ServerResponse) => void): Promise<AnsweringServer> {
  const asked: { query: string; authorization: string | undefined }[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const query = new URLSearchParams(await text(request)).get("query") ?? "";
    asked.push({ query, authorization: request.headers.authorization });
    answer(query, response);
  };
  const server: Server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

/** What a Prometheus says of a namespace `shop` that it has watched for long: the requests at its ports. */
export function shopOf(...requests: readonly Series[]): (query: string) => readonly Series[] {
  const within = (labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
    destination_workload_namespace: "shop",
    ...labels,
  });
  return (query) => {
    if (query.startsWith("sum") && query.includes("istio_requests_total"))
      return requests.map(([labels, value]) => [within(labels), value]);
    return query.startsWith("count") ? [[{ destination_workload_namespace: "shop" }, 1]] : [];
  };
}
