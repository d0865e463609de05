import { shellNumbers } from "./shell-numbers";

/**
 * The script that makes the running kernel carry a profile, and says so when it does not. POSIX sh and coreutils only.
 *
 * It is the same on every node. `MESHGROUND_ROOT` names a folder to use in place of `/`, for tests.
 *
 * Exit codes: 0, every value holds; 1, a value does not hold; 2, the profile cannot be read or a line of it is not understood,
 * and nothing was written.
 */
export const bootScript: string = `#!/bin/sh
# Raises the floors of a kernel profile and reads every value back.
# Usage: kernel-profile.sh PROFILE
# Lines of PROFILE: "exact KEY VALUE" is read only, "atLeast KEY NUMBER" and
# "hashsize MODULE NUMBER" are written where the kernel has less.
# Exit: 0 all values hold, 1 a value does not hold, 2 PROFILE is not understood.
set -euf
LC_ALL=C
export LC_ALL
root=\${MESHGROUND_ROOT:-}
failures=0

[ $# -eq 1 ] || { printf 'usage: kernel-profile.sh PROFILE\\n' >&2; exit 2; }
profile=$1

refuse() {
  printf '%s: line not understood: %s\\n' "$profile" "$*" >&2
  exit 2
}

fails() {
  printf 'FAILED %s\\n' "$*" >&2
  failures=$((failures + 1))
}

# number TEXT: whether it is a whole number of at most 20 digits.
${shellNumbers}

# file MODE NAME: where the kernel keeps it.
file() {
  case $1 in
    hashsize) printf '%s/sys/module/%s/parameters/hashsize' "$root" "$2" ;;
    *) printf '%s/proc/sys/%s' "$root" "$(printf '%s' "$2" | tr . /)" ;;
  esac
}

# value FILE: the kernel's value, its numbers with one space between them.
value() {
  # shellcheck disable=SC2046 # split on purpose
  set -- $(cat "$1" 2>/dev/null)
  printf '%s' "$*"
}

understood() {
  case $2 in '' | .* | *. | *..* | *[!A-Za-z0-9._-]*) return 1 ;; esac
  case $1 in
    exact) [ -n "$3" ] ;;
    atLeast | hashsize) number "$3" ;;
    *) return 1 ;;
  esac
}

exactly() {
  [ "$2" = "$3" ] || fails "$1: found $2, expected $3; another sysctl.d file, or a program, sets it"
}

at_least() {
  number "$2" || { fails "$1: found '$2', expected a whole number"; return 0; }
  lower "$2" "$3" || return 0
  (printf '%s\\n' "$3" >"$4") 2>/dev/null || :
  now=$(value "$4")
  if ! number "$now" || lower "$now" "$3"; then
    fails "$1: wrote $3, found $now: the kernel did not keep it"
  else
    printf 'raised %s from %s to %s\\n' "$1" "$2" "$now"
  fi
}

# each FUNCTION: calls it with mode, name and value of each line.
each() {
  while read -r mode name wanted || [ -n "$mode" ]; do
    case $mode in '' | '#'*) continue ;; esac
    "$1" "$mode" "$name" "$wanted"
  done <"$profile"
}

check() {
  understood "$@" || refuse "$@"
}

apply() {
  path=$(file "$1" "$2")
  if [ ! -e "$path" ]; then
    fails "$2: $path does not exist; is the kernel module loaded?"
    return 0
  fi
  case $1 in
    exact) exactly "$2" "$(value "$path")" "$3" ;;
    *) at_least "$2" "$(value "$path")" "$3" "$path" ;;
  esac
}

[ -r "$profile" ] || { printf '%s: cannot be read\\n' "$profile" >&2; exit 2; }
each check
each apply
if [ "$failures" -gt 0 ]; then
  printf '%s of the values in %s do not hold\\n' "$failures" "$profile" >&2
  exit 1
fi
`;
