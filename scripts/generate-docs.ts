// Writes the generated pages of docs/reference that need no running service. The tests compare them with their sources.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { environmentPage } from '@lockstep/contracts/environment-page';
import { errorsPage } from '@lockstep/contracts/errors-page';
import { settingsPage } from '@lockstep/contracts/settings-page';
import { metricsPage } from '@lockstep/service-kit/metrics-page';
import { measuring } from './measuring.ts';

const folder = path.resolve(import.meta.dirname, '..', 'docs', 'reference');
writeFileSync(path.join(folder, 'environment.md'), environmentPage());
writeFileSync(path.join(folder, 'errors.md'), errorsPage());
writeFileSync(path.join(folder, 'metrics.md'), metricsPage(measuring));
writeFileSync(path.join(folder, 'settings.md'), settingsPage());
