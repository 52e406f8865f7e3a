// Puts the whole API together on a server. It is also what the generated OpenAPI file is made from.

import type { SuperOfficeSettings, SyncSettings, TechnicalSettings } from '@lockstep/contracts';
import type { FastifyInstance } from 'fastify';
import type { Seal } from '../rules/section-change.ts';
import type { SectionStore } from '../store/section-store.ts';
import type { UserLinkStore } from '../store/user-link-store.ts';
import { type ApiSurroundings, prepareApi } from './api.ts';
import { describeApi } from './openapi.ts';
import { type Operations, operationRoutes } from './operation-routes.ts';
import { sectionRoutes } from './section-routes.ts';
import type { SchemaTypes } from './types.ts';
import { userLinkRoutes } from './user-link-routes.ts';

export interface ApiParts extends ApiSurroundings {
  readonly technical: { readonly store: SectionStore<TechnicalSettings>; readonly seal: Seal };
  readonly superoffice: { readonly store: SectionStore<SuperOfficeSettings>; readonly seal: Seal };
  readonly sync: { readonly store: SectionStore<SyncSettings> };
  readonly userLinks: UserLinkStore;
  readonly operations: Operations;
}

export function addRoutes(http: FastifyInstance, parts: ApiParts): void {
  describeApi(http);
  // Until there is a panel, people who open the address find the description of the API.
  http.get('/', { schema: { hide: true } }, async (_, reply) => reply.redirect('/docs'));
  http.register(
    async (scope) => {
      const api = scope.withTypeProvider<SchemaTypes>();
      prepareApi(api, parts);
      sectionRoutes(api, parts.technical.store, parts.technical.seal);
      sectionRoutes(api, parts.superoffice.store, parts.superoffice.seal);
      sectionRoutes(api, parts.sync.store);
      userLinkRoutes(api, parts.userLinks);
      operationRoutes(api, parts.operations, parts.technical);
    },
    { prefix: '/api/v1' },
  );
}
