// One vitest project a kind of test: `unit` needs nothing, `integration` a real nats-server, `e2e` the whole system.
import { defineConfig } from 'vitest/config';

const longTestMs = 120_000;

export default defineConfig({
  test: {
    env: { TZ: 'UTC' },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'scripts/**/*.test.ts',
            'packages/*/src/**/*.test.ts',
            'services/*/src/**/*.test.ts',
            'simulators/*/src/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: [
            'packages/*/test/**/*.test.ts',
            'services/*/test/**/*.test.ts',
            'simulators/*/test/**/*.test.ts',
            'tests/repository/**/*.test.ts',
          ],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/end-to-end/**/*.test.ts', 'tests/upgrade/*.test.ts'],
          testTimeout: longTestMs,
          hookTimeout: longTestMs,
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
    ],
  },
});
