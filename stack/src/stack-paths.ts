import { join } from 'node:path';

/** Where a stack keeps everything that is not source: `.stack` beside its compose file. */
export class StackPaths {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  get folder(): string {
    return join(this.root, '.stack');
  }

  get state(): string {
    return join(this.folder, 'state.json');
  }

  /** Relative to `root`, since the path of a socket may be no longer than about 100 bytes. */
  get controlSocket(): string {
    return join('.stack', 'control.sock');
  }

  /** Output of one process. */
  log(name: string): string {
    return join(this.folder, 'logs', `${name}.log`);
  }

  /** Folder that the services write their log files to; what stands for the volume `service-logs`. */
  get serviceLogs(): string {
    return join(this.folder, 'logs/services');
  }

  /** Says until when the demo traffic is paused. */
  get demoPause(): string {
    return join(this.folder, 'demo-paused-until');
  }

  /** What the root directory of the entry's container would be. */
  containerRoot(name: string): string {
    return join(this.folder, 'root', name);
  }

  /** Proxies that stand between the processes that run here. */
  get proxies(): string {
    return join(this.folder, 'proxies');
  }

  /** Scrape targets of the processes that run here. */
  get targets(): string {
    return join(this.folder, 'targets');
  }
}
