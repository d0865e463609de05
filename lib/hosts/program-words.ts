/**
 * What every host program begins with: where it works, what it needs, and the words that its parts share. POSIX sh, for dash, bash and busybox.
 *
 * All paths are relative to the working folder, `/` or what `MESHGROUND_ROOT` names, and begin with `./`: so no line that a program prints of
 * a file can be taken for one of the words that the program says itself. Fields are separated by tabs.
 */
export const programWords: string = `umask 077
set -uf
LC_ALL=C
PATH=\${PATH:-}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
tab='\t'
newline='
'
blank=" $tab$newline"
IFS=$blank
home=./var/lib/meshground
state=$home/state
journal=$home/journal
lock=./run/meshground.lock

# say WORD FIELD...: one line of the report.
say() {
  said=$1
  shift
  for field in "$@"; do said=$said$tab$field; done
  printf '%s\\n' "$said"
}

# prepare: goes to the root and looks whether all that is needed is there.
prepare() {
  cd "\${MESHGROUND_ROOT:-/}" || return 1
  here=$PWD
  missing=
  for tool in base64 cat chmod chown cp cut flock grep ln mkdir mv readlink rm rmdir sha256sum sleep sort stat sync tail tr uname; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
  done
  for folder in ./proc/sys ./run ./etc; do [ -d "$folder" ] || missing="$missing \${folder#.}"; done
  # shellcheck disable=SC2046 # split on purpose
  set -- $(stat -c '%u %g' /proc/self 2>/dev/null)
  owner=\${1:-}
  group=\${2:-}
  if [ -n "$missing" ]; then
    say missing "\${missing# }"
  elif [ -z "\${MESHGROUND_ROOT:-}" ] && [ "$owner" != 0 ]; then
    say not-root
  else
    return 0
  fi
  return 1
}
`;

/** Reads what a host is and has, and prints it. Writes nothing. */
export const programFacts: string = `
# with_kept KIND NAMES: in $names, the names and those of the kept lines of one kind, each once, a line each.
with_kept() {
  names=$2
  IFS=$newline
  for entry in $kept; do
    case $entry in "$1$tab"*) entry=\${entry#*"$tab"} entry=\${entry%%"$tab"*} ;; *) continue ;; esac
    case $newline$names$newline in *"$newline$entry$newline"*) ;; *) names=$names$newline$entry ;; esac
  done
  IFS=$blank
}

disks() {
  set +f
  for disk in ./sys/block/*; do
    cd -P "$disk" 2>/dev/null || continue
    case $PWD in *[[:cntrl:]]*) ;; *) say disk "\${disk##*/}" "\${PWD#"\${here%/}"}" ;; esac
    cd "$here" || exit 1
  done
  set -f
}

# sysctl_files: what is set at boot, and by whom.
sysctl_files() {
  set --
  found=
  set +f
  for folder in ./etc ./run ./usr/local/lib ./usr/lib ./lib; do
    [ "$folder" != ./lib ] || [ ! -L ./lib ] || continue
    for file in "$folder"/sysctl.d/*.conf; do
      case $file in *[[:cntrl:]]*) continue ;; esac
      if [ -f "$file" ]; then set -- "$@" "$file"; elif [ ! -c "$file" ]; then continue; fi
      found=$found$file$newline
    done
  done
  set -f
  [ ! -f ./etc/sysctl.conf ] || { set -- "$@" ./etc/sysctl.conf; found=$found./etc/sysctl.conf$newline; }
  lines=
  [ $# -eq 0 ] || lines=$(grep -nH '^[[:space:]]*[^#;[:space:]]' "$@" 2>/dev/null)
}

# judge: in $judged, what the last sysctl_files found, in short, so that a later run sees whether it is still the same.
judge() {
  judged=$(printf '%s\\n%s\\n' "$found" "$lines" | sha256sum)
  judged=\${judged%% *}
}

file_facts() {
  with_kept file "$wanted_files"
  set --
  for file in $names; do
    if [ -L "$file" ]; then
      say link "$file" "$(readlink "$file" | tr -d '[:cntrl:]')"
    elif [ -f "$file" ]; then
      set -- "$@" "$file"
    elif [ -e "$file" ]; then
      say other "$file"
    fi
  done
  [ $# -gt 0 ] || return 0
  stat -c "stat$tab%n$tab%a$tab%u$tab%g$tab%s" "$@"
  sums=$(sha256sum "$@")
  printf '%s\\n' "$sums"
  IFS=$newline
  for entry in $sums; do
    case $newline$wanted_sums$newline in *"$newline$entry$newline"*) continue ;; esac
    file=\${entry#*./}
    [ "$(stat -c %s "./$file" 2>/dev/null)" -gt 65536 ] || say content "./$file" "$(base64 "./$file" | tr -d '\\n')"
  done
  IFS=$blank
}

# module NAME PATTERN: whether a kernel module is loaded or built in.
module() {
  [ -d "./sys/module/$1" ] || grep -qs "/$2\\\\.ko" "./lib/modules/$(uname -r)/modules.builtin"
}

module_facts() { ! module "$1" "$2" || say module "$1"; }

facts() {
  say facts 1 "$owner" "$group"
  kept=
  [ ! -f "$state" ] || kept=$(cut -f 1-7 "$state")
  # shellcheck disable=SC2046 # split on purpose
  set -- $(uname -rm)
  say kernel "$@"
  with_kept value "$wanted_keys"
  set --
  for key in $names; do set -- "$@" "./proc/sys/$key"; done
  ! command -v systemd-detect-virt >/dev/null 2>&1 || say virtualization "$(systemd-detect-virt 2>/dev/null)"
  [ -r ./sys/devices/system/cpu/online ] || say cores "$(getconf _NPROCESSORS_ONLN 2>/dev/null)"
  [ ! -d ./run/systemd/system ] || say systemd
  if [ -e "$journal" ] || { [ -d "$home" ] && [ ! -e "$state" ]; }; then say interrupted; fi
  disks
  each_module module_facts
  say texts
  set +f
  grep -sH '' ./etc/machine-id ./etc/os-release ./usr/lib/os-release ./proc/meminfo ./proc/sys/kernel/hostname ./sys/devices/system/cpu/online \\
    ./sys/module/nf_conntrack/parameters/hashsize ./sys/block/*/size
  set -f
  say values
  [ $# -eq 0 ] || grep -sH '' "$@"
  # shellcheck disable=SC2016 # the inner shell's own
  [ $# -eq 0 ] || unshare -n sh -c 'printf "pod-values\\n"; exec grep -sH "" "$@"' sh "$@" 2>/dev/null
  sysctl_files
  judge
  say conf "$judged"
  printf '%s\\n' "$found"
  say lines
  printf '%s\\n' "$lines"
  say files
  file_facts
  say kept
  printf '%s\\n' "$kept"
  say facts-end
}
`;
