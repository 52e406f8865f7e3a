// Notices that whoever started us is gone. npm starts a shell, which starts us, and neither passes on that npm was killed: the
// shell lives on, with another parent.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';

/** The parent of a process; undefined when it is gone. */
function parentOf(pid) {
  if (existsSync('/proc/self/stat')) {
    try {
      // The name in parentheses may hold anything; state and parent follow the last one.
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
    } catch {
      return undefined;
    }
  }
  const { status, stdout } = spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
}

/** Calls `onGone` once when our parent or its parent has ended. Does not keep the process alive. */
export function whenStarterIsGone(everyMs, onGone) {
  const parent = process.ppid;
  const grandparent = parentOf(parent);
  const timer = setInterval(() => {
    if (process.ppid === parent && parentOf(parent) === grandparent) return;
    clearInterval(timer);
    onGone();
  }, everyMs);
  timer.unref();
}
