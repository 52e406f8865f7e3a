import { describe, expect, it } from 'vitest';
import { isLoopback } from './loopback.ts';

const hostOf = (address: string) => new URL(address).hostname;

describe('this machine itself', () => {
  it.each([
    'http://localhost',
    'http://LOCALHOST:8080',
    'http://127.0.0.1',
    'http://127.1',
    'http://127.8.9.10',
    'http://[::1]:80',
  ])('is %s', (address) => expect(isLoopback(hostOf(address))).toBe(true));

  it.each([
    'http://localhost.example.com',
    'http://tenant.localhost',
    'http://127.0.0.1.example.com',
    'http://128.0.0.1',
    'http://0.0.0.0',
    'http://[::]',
    'http://[fe80::1]',
    'http://xlocalhost',
  ])('is not %s', (address) => expect(isLoopback(hostOf(address))).toBe(false));
});
