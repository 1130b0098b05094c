# One image for every service: `--build-arg SERVICE=orders` chooses the folder below services/.
# The Node binary of the image runs it; the one that npm can install is left out, as is PostgreSQL.
FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app

# Nothing but the manifests, so that a change of source does not install everything again.
FROM base AS manifests
COPY package.json package-lock.json .npmrc ./
COPY otel/node otel/node
COPY packages packages
COPY services services
COPY stack/package.json stack/package.json
COPY dashboards/package.json dashboards/package.json
RUN find otel packages services -type f ! -name package.json -delete

FROM base AS dependencies
COPY --from=manifests /app ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM base AS service
ARG SERVICE
ENV NODE_ENV=production
# A new volume takes over the owner of the folder it is mounted at.
RUN mkdir -p /var/log/breakwater /var/cache/breakwater \
  && chown node:node /var/log/breakwater /var/cache/breakwater
COPY --from=dependencies /app ./
COPY otel/node otel/node
COPY packages packages
COPY services/shared services/shared
COPY services/${SERVICE} services/${SERVICE}
USER node
