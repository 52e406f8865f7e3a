// The description of the API: OpenAPI 3.1 at /docs/json, Swagger UI at /docs. It is made from the routes' own schemas, which
// also check and type them; docs/reference/openapi.json is a copy of it that a test compares.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { settingsSections } from '@lockstep/contracts';
import type { FastifyInstance } from 'fastify';
import manifest from '../../package.json' with { type: 'json' };

/** Must be registered before the routes that it describes. */
export function describeApi(http: FastifyInstance): void {
  http.register(swagger, {
    refResolver: { buildLocalReference: ({ $id }, _base, _fragment, index) => String($id ?? `schema-${index}`) },
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Lockstep settings',
        version: manifest.version,
        description:
          'Configuration of Lockstep, which keeps SuperOffice CRM and Microsoft Exchange in step. ' +
          'Every change is a new revision with author and time and takes effect everywhere within a second. ' +
          'Errors are `{code, message, field?, retry, advice}`; the codes stand in docs/reference/errors.md.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        ...settingsSections.map(({ title, description }) => ({ name: title, description })),
        { name: 'User links', description: 'Which mailbox belongs to which associate.' },
        { name: 'Operations', description: 'Tests, state and history.' },
      ],
      components: {
        securitySchemes: {
          administratorToken: { type: 'http', scheme: 'bearer', description: 'The administrator token.' },
        },
      },
      security: [{ administratorToken: [] }],
    },
  });
  http.register(swaggerUi, { routePrefix: '/docs', uiConfig: { persistAuthorization: false, tryItOutEnabled: true } });
}
