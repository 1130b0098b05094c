/**
 * The Go programs of the stack, pinned: the only list of their versions, packages and flags.
 *
 * Each component's `go.mod` and `go.sum` are in `stack/components/<name>/`. Its version is that of
 * the image in `docker-compose.yml`, so that what runs natively is what runs in Docker.
 *
 * @module
 */

/** One executable of a component. */
export interface Binary {
  /** File name, and the name it is looked for by. */
  readonly name: string;
  /** Go package of the command; `.` is the component's own folder. */
  readonly package: string;
  /** Arguments that make it print its version and end. */
  readonly versionArguments: readonly string[];
}

/** One Go module that is built at one version. */
export interface Component {
  readonly name: string;
  /** As the program prints it: upstream's release, not always the Go module's version. */
  readonly version: string;
  readonly binaries: readonly Binary[];
  /** `-X` values that upstream's build sets, as `variable=value`. */
  readonly variables: readonly string[];
  /** Go build tags. */
  readonly tags: readonly string[];
  /** What a first build takes on two idle cores, downloads included, after those before it. */
  readonly seconds: number;
  /** The image of the same program in `docker-compose.yml`; absent for tools no process runs. */
  readonly image?: string;
}

const PROMETHEUS_VERSION = 'github.com/prometheus/common/version.Version';

/** In the order they are built: what a failure's timeline needs comes first. */
export const COMPONENTS: readonly Component[] = [
  {
    name: 'otel-collector',
    version: '0.159.0',
    binaries: [{ name: 'otelcol', package: '.', versionArguments: ['--version'] }],
    variables: [],
    tags: [],
    seconds: 130,
    image: 'otel/opentelemetry-collector-contrib:0.159.0',
  },
  {
    name: 'loki',
    version: '3.7.6',
    binaries: [
      {
        name: 'loki',
        package: 'github.com/grafana/loki/v3/cmd/loki',
        versionArguments: ['-version'],
      },
    ],
    variables: ['github.com/grafana/loki/v3/pkg/util/build.Version=3.7.6'],
    tags: ['netgo'],
    seconds: 250,
    image: 'grafana/loki:3.7.6',
  },
  {
    // The module's v1.76.0 and the release v2.13.0 are one commit; its web page is a placeholder,
    // since Go modules carry no built pages, and its HTTP API is complete.
    name: 'jaeger',
    version: '2.13.0',
    binaries: [
      {
        name: 'jaeger',
        package: 'github.com/jaegertracing/jaeger/cmd/jaeger',
        versionArguments: ['version'],
      },
    ],
    variables: ['github.com/jaegertracing/jaeger/internal/version.latestVersion=v2.13.0'],
    tags: [],
    seconds: 190,
    image: 'jaegertracing/jaeger:2.13.0',
  },
  {
    // Targets come from files, so service discovery and its cloud SDKs are left out. The web page
    // is not in the Go module; the HTTP API is complete.
    name: 'prometheus',
    version: '3.14.0',
    binaries: ['prometheus', 'promtool'].map((name) => ({
      name,
      package: `github.com/prometheus/prometheus/cmd/${name}`,
      versionArguments: ['--version'],
    })),
    variables: [`${PROMETHEUS_VERSION}=3.14.0`],
    tags: ['netgo', 'remove_all_sd'],
    seconds: 115,
    image: 'prom/prometheus:v3.14.0',
  },
  {
    // The newest version whose Go module builds: later ones embed a web page it does not carry.
    name: 'alertmanager',
    version: '0.31.1',
    binaries: [
      {
        name: 'alertmanager',
        package: 'github.com/prometheus/alertmanager/cmd/alertmanager',
        versionArguments: ['--version'],
      },
    ],
    variables: [`${PROMETHEUS_VERSION}=0.31.1`],
    tags: ['netgo'],
    seconds: 26,
    image: 'prom/alertmanager:v0.31.1',
  },
  {
    name: 'toxiproxy',
    version: '2.12.0',
    binaries: [
      {
        name: 'toxiproxy-server',
        package: 'github.com/Shopify/toxiproxy/v2/cmd/server',
        versionArguments: ['-version'],
      },
    ],
    variables: ['github.com/Shopify/toxiproxy/v2.Version=2.12.0'],
    tags: [],
    seconds: 6,
    image: 'ghcr.io/shopify/toxiproxy:2.12.0',
  },
  {
    name: 'k6',
    version: '2.2.0',
    binaries: [{ name: 'k6', package: 'go.k6.io/k6/v2', versionArguments: ['version'] }],
    variables: [],
    tags: [],
    seconds: 40,
  },
  {
    // Checks docker-compose.yml where there is no Docker.
    name: 'compose',
    version: '2.40.3',
    binaries: [
      {
        name: 'docker-compose',
        package: 'github.com/docker/compose/v2/cmd',
        versionArguments: ['version'],
      },
    ],
    variables: ['github.com/docker/compose/v2/internal.Version=v2.40.3'],
    tags: [],
    seconds: 113,
  },
  {
    // Turns service level objectives into Prometheus rules.
    name: 'sloth',
    version: '0.16.0',
    binaries: [
      {
        name: 'sloth',
        package: 'github.com/slok/sloth/cmd/sloth',
        versionArguments: ['version'],
      },
    ],
    variables: ['github.com/slok/sloth/internal/info.Version=v0.16.0'],
    tags: [],
    seconds: 69,
  },
  {
    // Compares the OpenAPI documents of today with those of the last release: no process runs it.
    name: 'oasdiff',
    version: '1.37.0',
    binaries: [
      {
        name: 'oasdiff',
        package: 'github.com/oasdiff/oasdiff',
        versionArguments: ['--version'],
      },
    ],
    variables: ['github.com/oasdiff/oasdiff/build.Version=1.37.0'],
    tags: [],
    seconds: 40,
  },
];

/** The component that holds a program, and the program in it. */
export function componentOf(
  program: string,
): { readonly component: Component; readonly binary: Binary } | undefined {
  for (const component of COMPONENTS) {
    const binary = component.binaries.find(({ name }) => name === program);
    if (binary) return { component, binary };
  }
  return undefined;
}

/** The environment variable that names a program's file: `otelcol` → `BREAKWATER_OTELCOL_BIN`. */
export function overrideVariable(program: string): string {
  return `BREAKWATER_${program.toUpperCase().replaceAll('-', '_')}_BIN`;
}
