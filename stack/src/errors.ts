export { CommandError as StackError, UsageError } from '@breakwater/cli/errors';

/** What the file system may refuse through no fault of ours, by the system's code. */
const REFUSED_BY_FILES: Readonly<Record<string, string>> = {
  EROFS: 'cannot be written to: its file system is read-only. Run from a copy that can be',
  EACCES: 'cannot be used: this user may not. Run as its owner, or from a copy of your own',
  EPERM: 'cannot be used: this user may not. Run as its owner, or from a copy of your own',
  ENOSPC: 'cannot be written to: the disk is full. Make room and run this again',
  EDQUOT: 'cannot be written to: your share of the disk is full. Make room and run this again',
  ENOTDIR: 'cannot be made: a file is in the way where a folder would be. Move that',
  EEXIST: 'cannot be made: a file is in the way where a folder would be. Move that',
};

/** One sentence for what the file system refused; undefined for any other error. */
export function describeFileError(error: unknown): string | undefined {
  const { code = '', path } = error as NodeJS.ErrnoException;
  const why = REFUSED_BY_FILES[code];
  return why && `${path ?? 'A file'} ${why}.`;
}
