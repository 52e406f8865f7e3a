# One image for all six services; the argument says which: `docker run lockstep ics-scanner`.
# There is no build step: Node runs the TypeScript as it is. The first stage only installs what the services depend on.

FROM node:24-bookworm-slim AS install
WORKDIR /app
COPY . .
# pnpm by npx, in the major version that wrote the lock file; only the services and what they need, no development tools.
RUN npx --yes pnpm@12 install --prod --frozen-lockfile --filter '@lockstep/*-service...' && rm -rf /root/.npm /root/.cache

FROM node:24-bookworm-slim
ENV NODE_ENV=production LOCKSTEP_HOST=0.0.0.0
WORKDIR /app
COPY --from=install /app /app
# By number, so that Kubernetes can see that it is not root; 1000 is the user `node`.
USER 1000:1000
ENTRYPOINT ["node", "deploy/run-service.mjs"]
