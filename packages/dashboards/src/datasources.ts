/**
 * The uids by which the files name Grafana's data sources, and other uids in their place.
 *
 * @module
 */

/** What the dashboards ask; each name is also its uid in the files, until another one is given. */
export const DATASOURCES = ['prometheus', 'loki', 'jaeger', 'alertmanager'] as const;
export type DatasourceName = (typeof DATASOURCES)[number];

/** Uids of the data sources that a Grafana has already. Default of each: its name. */
export type DatasourceUids = Readonly<Partial<Record<DatasourceName, string>>>;

/** What Grafana takes for a uid. */
const UID = /^[\w-]{1,40}$/;
/** Keys that a uid stands behind, in JSON, in YAML and in the address of Explore. */
const KEYS = '"uid": "|\\buid: |datasourceUid: |alertmanagerUid: |%22datasource%22%3A%22';

/**
 * Puts other uids into the text of a dashboard or of a provisioning file.
 *
 * @throws {RangeError} where a uid is none: 1 to 40 letters, digits, `-` or `_`
 */
export function renameDatasources(text: string, uids: DatasourceUids): string {
  for (const [name, uid] of Object.entries(uids)) {
    if (!DATASOURCES.includes(name as DatasourceName))
      throw new RangeError(`There is no data source ${name}; use ${DATASOURCES.join(', ')}.`);
    if (!UID.test(uid))
      throw new RangeError(
        `"${uid}" is no uid of a data source: use the one that Grafana shows in the data source's address, 1 to 40 letters, digits, - or _.`,
      );
  }
  const named = new RegExp(`(${KEYS})(${DATASOURCES.join('|')})(?![\\w-])`, 'g');
  return text.replace(
    named,
    (_, key: string, name: DatasourceName) => `${key}${uids[name] ?? name}`,
  );
}
