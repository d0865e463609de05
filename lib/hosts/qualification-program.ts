import type { HostRequirements } from "../nodes/qualification-limits";

/** First word of what the program prints, with the version of its form. */
export const qualificationHead: string = "meshground-qualification 1";

/**
 * The program that measures a host. POSIX sh and coreutils, and fio and cyclictest where they are installed.
 *
 * It writes nothing but the file that fio measures with, and takes it away again, also when it is ended. First the idle host is watched, then
 * the busy one, and fio comes last: so nothing that it does counts as waiting for disks. Each part ends by itself when nobody listens any more.
 */
export function qualificationProgram({ windowSeconds, folder, fsyncP99BelowMs }: HostRequirements): string {
  return `window=${windowSeconds}
folder=${folder}
fsync=${fsyncP99BelowMs === undefined ? "no" : "yes"}
${words}${hardware}${windows}${disk}${main}`;
}

const words = `set -u
LC_ALL=C
root=\${MESHGROUND_ROOT:-}
[ -n "$root" ] || PATH=\${PATH:-}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
children=
temporary=

# clean: ends what still runs, and takes the file away.
clean() {
  # shellcheck disable=SC2086 # one word a process
  [ -z "$children" ] || { kill $children; wait $children; } 2>/dev/null
  children=
  [ -z "$temporary" ] || rm -rf "$temporary"
  temporary=
}
trap clean EXIT
trap 'exit 129' HUP INT PIPE TERM

has() { command -v "$1" >/dev/null 2>&1; }

# word TEXT: one word without control characters, or -.
word() {
  set -- "$(printf '%s' "$1" | tr -cd 'A-Za-z0-9_.:@+-' | cut -c 1-64)"
  printf '%s' "\${1:--}"
}

# content FILE: its first line, or -.
content() {
  set -- "$(head -n 1 "$1" 2>/dev/null)"
  word "$1"
}

# background COMMAND...: its end is waited for by finish.
background() {
  "$@" </dev/null &
  children="$children $!"
}

# finish: waits for the last one. Signals are heard meanwhile.
finish() {
  wait "\${children##* }" 2>/dev/null
  set -- $?
  children=\${children% *}
  return "$1"
}
`;

const hardware = `
machine() {
  cores=$(grep -c '^cpu[0-9]' "$root/proc/stat")
  printf 'cores %s\\n' "$cores"
  awk '$1 == "MemTotal:" { print "memory-kib " $2 }' "$root/proc/meminfo"
  printf 'virtualization %s\\n' "$(word "$(systemd-detect-virt 2>/dev/null)")"
  printf 'clock %s\\n' "$(clock)"
  printf 'pods %s\\n' "$(pods)"
}

# clock: chrony without rtcsync leaves the kernel's flag alone, so whoever says yes is believed.
clock() {
  systemd=$(timeout 10 timedatectl show -p NTPSynchronized --value 2>/dev/null)
  # Reference 7F7F0101 is chrony's own clock, which follows nobody.
  chrony=$(timeout 10 chronyc -c tracking 2>/dev/null |
    awk -F, 'NR == 1 { print ($1 == "7F7F0101" || $14 == "Not synchronised") ? "no" : "yes" }')
  # Bit 64 of the kernel's status: not synchronised.
  kernel=$({ adjtimex -p || adjtimex || busybox adjtimex; } 2>/dev/null |
    awk '$1 == "status:" { print int($2 / 64) % 2 ? "no" : "yes"; exit }')
  case $systemd,$chrony,$kernel in
    *yes*) printf yes ;;
    *no*) printf no ;;
    *) printf unknown ;;
  esac
}

# pods: whether a kubelet has pods here.
pods() {
  for group in kubepods.slice kubepods cpu/kubepods cpu/kubepods.slice; do
    [ ! -d "$root/sys/fs/cgroup/$group" ] || { printf yes; return; }
  done
  printf no
}

# link WHEN: the device of the default route, its state and its errors so far.
link() {
  device=$(awk '$2 == "00000000" && $8 == "00000000" && (device == "" || $7 + 0 < metric) { metric = $7 + 0; device = $1 }
    END { print device }' "$root/proc/net/route" 2>/dev/null)
  [ -n "$device" ] || device=$(awk '$1 ~ /^0+$/ && $2 == "00" && $10 != "lo" { print $10; exit }' "$root/proc/net/ipv6_route" 2>/dev/null)
  case $device in '' | */* | .*) return ;; esac
  set -- "$1" "$root/sys/class/net/$device"
  [ -r "$2/statistics/rx_errors" ] || return
  printf 'link-%s %s %s %s' "$1" "$(word "$device")" "$(content "$2/operstate")" "$(content "$2/speed")"
  for counter in rx_errors tx_errors rx_dropped tx_dropped; do printf ' %s' "$(content "$2/statistics/$counter")"; done
  printf '\\n'
}
`;

const windows = `
# ticks WHEN: the processors' time by use: user, nice, system, idle, iowait, irq, softirq, steal.
ticks() { awk -v when="$1" '$1 == "cpu" { print "ticks-" when, $2, $3, $4, $5, $6, $7, $8, $9 }' "$root/proc/stat"; }

idle() {
  ticks idle-start
  background sleep "$window"
  finish
  ticks idle-end
}

# busy: one process a core at the lowest priority, which ends by itself. Not where pods run: their time is theirs.
busy() {
  if [ "$(pods)" = yes ] || ! has timeout; then
    wakeups
    return
  fi
  core=0
  while [ "$core" -lt "$cores" ]; do
    background nice -n 19 timeout "$((window + 5))" sh -c 'while :; do :; done'
    core=$((core + 1))
  done
  spinning=$children
  ticks load-start
  wakeups
  ticks load-end
  # shellcheck disable=SC2086 # one word a process
  { kill $spinning; wait $spinning; } 2>/dev/null
  children=
}

# wakeups: how late each core's timer wakes a process up, in microseconds: number, 99.9th percentile, longest.
wakeups() {
  if ! has cyclictest; then
    printf 'skip jitter no-program\\n'
    background sleep "$window"
    finish
    return
  fi
  background cyclictest -q -S -p 80 -i 1000 -h 10000 -D "$window" --laptop >"$temporary/wakeups" 2>/dev/null
  finish || { printf 'skip jitter failed\\n'; return; }
  awk '/^[0-9]+ / { n = 0; for (i = 2; i <= NF; i++) n += $i; value[lines] = $1 + 0; count[lines++] = n; total += n }
    /^# Max Latencies:/ { for (i = 4; i <= NF; i++) if ($i + 0 > max) max = $i + 0 }
    /^# Histogram Overflows:/ { for (i = 4; i <= NF; i++) total += $i }
    END {
      at = max
      for (i = 0; i < lines; i++) { sum += count[i]; if (sum >= total * 0.999) { at = value[i]; break } }
      if (total > 0) printf "jitter %d %d %d\\n", total, at, max
      else print "skip jitter failed"
    }' "$temporary/wakeups"
}
`;

const disk = `
# nearest FOLDER: it, or the nearest parent that exists.
nearest() {
  set -- "$1"
  while [ -n "$1" ] && [ ! -d "$1" ]; do set -- "\${1%/*}"; done
  printf '%s' "\${1:-/}"
}

# volume FOLDER: name of the block device below its file system, or nothing.
volume() {
  source=$(df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $1 }')
  source=$(readlink -f "$source" 2>/dev/null)
  case $source in /dev/?*) [ ! -e "$root/sys/class/block/\${source##*/}" ] || { printf '%s' "\${source##*/}"; return; } ;; esac
  # The root device is not always named: the kernel's list of mounts has its number.
  mount=$(df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $6 }')
  number=$(awk -v mount="$mount" '$5 == mount { number = $3 } END { print number }' "$root/proc/self/mountinfo" 2>/dev/null)
  source=$(readlink -f "$root/sys/dev/block/\${number:-none}") && [ -e "$source" ] && printf '%s' "\${source##*/}"
}

# leaves NAME: the disks below a block device, one a line.
leaves() {
  set -- "$(readlink -f "$root/sys/class/block/$1")"
  [ ! -e "$1/partition" ] || set -- "\${1%/*}"
  set -- "$1" "$1"/slaves/*
  if [ ! -e "$2" ]; then
    printf '%s\\n' "\${1##*/}"
    return
  fi
  shift
  for part in "$@"; do leaves "\${part##*/}"; done
}

# transport NAME: how a disk is reached.
transport() {
  case $1 in
    nvme*)
      over=$(cat "$root/sys/block/$1"/device/transport "$root/sys/block/$1"/device/nvme*/transport 2>/dev/null | head -n 1)
      case $over in pcie | '') printf nvme ;; *) printf 'nvme-%s' "$(word "$over")" ;; esac
      ;;
    vd*) printf virtio ;;
    xvd*) printf xen ;;
    nbd* | rbd* | drbd*) printf network ;;
    mmcblk*) printf mmc ;;
    *)
      case $(readlink -f "$root/sys/block/$1") in
        */session*) printf iscsi ;;
        */rport-*) printf fc ;;
        */virtio*) printf virtio ;;
        */ata*) printf sata ;;
        */usb*) printf usb ;;
        *) case $1 in sd*) printf scsi ;; *) printf other ;; esac ;;
      esac
      ;;
  esac
}

disks() {
  name=$(volume "$1")
  [ -n "$name" ] || return
  leaves "$name" | sort -u | head -n 32 | while read -r leaf; do
    model=$(head -n 1 "$root/sys/block/$leaf/device/model" 2>/dev/null | tr -s ' ' _)
    printf 'disk %s %s %s %s\\n' "$(word "$leaf")" "$(transport "$leaf")" "$(content "$root/sys/block/$leaf/size")" "$(word "\${model%_}")"
  done
}

# sync_time FOLDER: fio as etcd writes. The answer is fio's own.
sync_time() {
  has fio || { printf 'skip fsync no-program\\n'; return; }
  set -- "$1" "$(df -Pk "$1" | awk 'NR == 2 { print $1, $4 + 0 }')"
  case $2 in tmpfs* | ramfs* | devtmpfs*) printf 'skip fsync in-memory\\n'; return ;; esac
  [ "\${2##* }" -ge 65536 ] || { printf 'skip fsync no-space\\n'; return; }
  # What a run left that was killed: none takes an hour.
  find "$1" -maxdepth 1 -name '.meshground-qualify.*' -mmin +60 -exec rm -rf {} + 2>/dev/null
  measured=$(mktemp -d "$1/.meshground-qualify.XXXXXX" 2>/dev/null) || { printf 'skip fsync read-only\\n'; return; }
  rm -rf "$temporary"
  temporary=$measured
  background fio --name=etcd --directory="$measured" --rw=write --ioengine=sync --fdatasync=1 --size=22m --bs=2300 --runtime=30 \\
    --percentile_list=99 --output-format=json --output="$measured/result" >/dev/null 2>&1
  if finish && [ -s "$measured/result" ]; then
    head -c 65536 "$measured/result" | tr -cd '[:print:]\\n' | sed 's/^/fio /'
  else
    printf 'skip fsync failed\\n'
  fi
}
`;

const main = `
main() {
  place=$(nearest "$root$folder")
  temporary=$(mktemp -d) || exit 1
  printf '%s\\n' '${qualificationHead}'
  machine
  disks "$place"
  link start
  idle
  busy
  [ "$fsync" = no ] || sync_time "$place"
  link end
  clean
  printf 'end\\n'
}

main
`;
