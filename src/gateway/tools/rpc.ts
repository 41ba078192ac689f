/**
 * JSON-RPC 2.0 as MCP uses it (specification 2025-11-25, "Base Protocol"): requests, notifications and responses, told
 * apart strictly.
 *
 * @module
 */
import { isObject, type Json, type JsonObject } from './json.ts';

export type Id = string | number | bigint;

export type Message =
  | { kind: 'request'; id: Id; method: string; params: JsonObject }
  | { kind: 'notification'; method: string; params: JsonObject }
  | { kind: 'response'; id: Id; answer: Answer };

export type Answer =
  | { ok: true; result: JsonObject }
  | { ok: false; code: number; message: string; data?: Json };

/** Codes of JSON-RPC 2.0 §5.1. */
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;

/** Revisions of the protocol that are spoken on both sides, the newest first. */
export const PROTOCOL_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

const MAX_METHOD = 128;
const MAX_ID = 256;

const isId = (value: unknown): value is Id =>
  (typeof value === 'string' && value.length <= MAX_ID) ||
  typeof value === 'bigint' ||
  (typeof value === 'number' && Number.isInteger(value));

/** What a message is; `undefined` where it is none. */
export function readMessage(value: Json): Message | undefined {
  if (!isObject(value) || value.jsonrpc !== '2.0') return undefined;
  const { id, method, params = {}, result, error } = value;
  if (method !== undefined) {
    if (typeof method !== 'string' || method.length > MAX_METHOD || !isObject(params)) return undefined;
    if (id === undefined) return { kind: 'notification', method, params };
    return isId(id) ? { kind: 'request', id, method, params } : undefined;
  }
  if (!isId(id)) return undefined;
  if (isObject(result) && error === undefined) return { kind: 'response', id, answer: { ok: true, result } };
  if (!isObject(error) || result !== undefined) return undefined;
  const { code, message, data } = error;
  if (typeof code !== 'number' || typeof message !== 'string') return undefined;
  return {
    kind: 'response',
    id,
    answer: { ok: false, code, message, ...(data !== undefined && { data }) },
  };
}

export const request = (id: Id, method: string, params: JsonObject): JsonObject => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});

export const notification = (method: string, params: JsonObject): JsonObject => ({
  jsonrpc: '2.0',
  method,
  params,
});

export const response = (id: Id | null, answer: Answer): JsonObject =>
  answer.ok
    ? { jsonrpc: '2.0', id, result: answer.result }
    : {
        jsonrpc: '2.0',
        id,
        error: {
          code: answer.code,
          message: answer.message,
          ...(answer.data !== undefined && { data: answer.data }),
        },
      };

export const failure = (code: number, message: string): Answer => ({ ok: false, code, message });
